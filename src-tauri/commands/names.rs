// Every command of the shell, for the access control list. A test compares it with what is registered.
&[
    "app_info",
]
