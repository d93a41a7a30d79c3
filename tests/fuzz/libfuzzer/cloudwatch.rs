#![no_main]
fuzz::target!(cloudwatch);
