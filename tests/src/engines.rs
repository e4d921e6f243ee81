//! The same test on either database.

/// Makes two tests of each function that is given an [`Engine`](crate::plane::Engine).
#[macro_export]
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::$test($crate::plane::Engine::Sqlite).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $test() { super::$test($crate::plane::Engine::Postgres).await; })+
        }
    };
}
