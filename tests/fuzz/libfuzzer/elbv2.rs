#![no_main]
fuzz::target!(elbv2);
