#![no_main]
fuzz::target!(autoscaling);
