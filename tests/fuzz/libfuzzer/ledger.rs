#![no_main]
fuzz::target!(ledger);
