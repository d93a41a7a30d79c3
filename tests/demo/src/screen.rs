//! The screen: lines that scroll by, and below them, on a terminal, a picture that is drawn anew in its place.

use std::cell::Cell;
use std::io::{IsTerminal, Write, stdout};

/// A colour or weight, as a terminal knows it.
#[derive(Clone, Copy)]
pub enum Ink {
    /// Headings.
    Bold,
    /// What matters less.
    Faint,
    /// Trouble.
    Red,
    /// Green's.
    Green,
    /// Blue's.
    Blue,
    /// What waits.
    Yellow,
}

/// Where everything is printed.
pub struct Screen {
    live: bool,
    /// How many lines of picture stand below the last line that scrolled by.
    drawn: Cell<usize>,
}

impl Screen {
    /// Standard output: live on a terminal, plain lines anywhere else, and wherever `NO_COLOR` or `CI` is set.
    pub fn open() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { live: stdout().is_terminal() && !set("NO_COLOR") && !set("CI") && !dumb, drawn: Cell::new(0) }
    }

    /// Whether there is a picture.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Text in a colour, where there are any.
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Bold => "1",
            Ink::Faint => "2",
            Ink::Red => "1;31",
            Ink::Green => "32",
            Ink::Blue => "94",
            Ink::Yellow => "33",
        };
        if self.live { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Lines that stay, and below them the picture. Without a terminal there is no picture.
    pub fn show(&self, lines: &[String], picture: &[String]) {
        let mut out = String::new();
        let drawn = self.drawn.take();
        if drawn > 0 {
            // Up to the picture's first line; all below it is erased.
            out.push_str(&format!("\x1b[{drawn}F\x1b[J"));
        }
        for line in lines {
            out.push_str(line);
            out.push('\n');
        }
        if self.live && !picture.is_empty() {
            // Lines that are too long are cut: a wrapped one would put the count of lines wrong.
            out.push_str("\x1b[?7l");
            for line in picture {
                out.push_str(line);
                out.push('\n');
            }
            out.push_str("\x1b[?7h");
            self.drawn.set(picture.len());
        }
        // Whoever stopped reading has seen enough; the exit code still tells.
        let mut stdout = stdout().lock();
        let _ = stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush());
    }
}
