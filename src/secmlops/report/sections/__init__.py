"""The sections of the page: each file turns the material into what one section shows, without any markup."""
