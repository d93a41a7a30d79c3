#![no_main]
fuzz::target!(names);
