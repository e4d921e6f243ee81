//! The hosts of an address, each on its own: the driver gives a time limit for each only until it is connected, so a
//! server that takes a connection and says nothing would keep every other one from being asked.

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// One configuration for each host, in their order.
pub(super) fn each(config: &Config) -> Vec<Config> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(addresses.len());
    if count < 2 {
        return vec![config.clone()];
    }
    let one = |at: usize| {
        let mut one = without_hosts(config);
        match hosts.get(at) {
            Some(Host::Tcp(name)) => {
                one.host(name);
            }
            #[cfg(unix)]
            Some(Host::Unix(folder)) => {
                one.host_path(folder);
            }
            None => {}
        }
        if let Some(address) = addresses.get(at) {
            one.hostaddr(*address);
        }
        if let Some(port) = ports.get(at).or_else(|| ports.first()) {
            one.port(*port);
        }
        one
    };
    (0..count).map(one).collect()
}

fn without_hosts(config: &Config) -> Config {
    let mut one = Config::new();
    if let Some(user) = config.get_user() {
        one.user(user);
    }
    if let Some(password) = config.get_password() {
        one.password(password);
    }
    if let Some(name) = config.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    if let Some(name) = config.get_application_name() {
        one.application_name(name);
    }
    if let Some(limit) = config.get_connect_timeout() {
        one.connect_timeout(*limit);
    }
    if let Some(limit) = config.get_tcp_user_timeout() {
        one.tcp_user_timeout(*limit);
    }
    if let Some(interval) = config.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(count) = config.get_keepalives_retries() {
        one.keepalives_retries(count);
    }
    one.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .channel_binding(config.get_channel_binding());
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_keeps_what_holds_for_all() {
        let all: Config = "postgres://ann:pw@a,b:6543/x?connect_timeout=3&options=-c%20x%3D1".parse().unwrap();
        let each = each(&all);
        assert_eq!(each.len(), 2);
        for (one, (name, port)) in each.iter().zip([("a", 5432), ("b", 6543)]) {
            assert_eq!((one.get_hosts(), one.get_ports()), ([Host::Tcp(name.into())].as_slice(), [port].as_slice()));
            assert_eq!((one.get_user(), one.get_password()), (Some("ann"), Some(b"pw".as_slice())));
            assert_eq!((one.get_options(), one.get_connect_timeout()), (all.get_options(), all.get_connect_timeout()));
        }
    }
}
