#![no_main]
fuzz::target!(tags);
