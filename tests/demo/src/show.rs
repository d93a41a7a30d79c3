//! What the audience gets: headings, what happens as it happens, and the picture below.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use simulated_aws::wire::now;

use crate::account::Account;
use crate::figures::Figures;
use crate::narrator::Narrator;
use crate::picture;
use crate::screen::{Ink, Screen};

/// Between two pictures: smooth enough for an eye.
const FRAME: Duration = Duration::from_millis(125);
/// Without pictures: frames between two plain lines of figures, three seconds.
const FRAMES_PER_LINE: u32 = 24;

/// The show.
pub struct Show<'a> {
    account: &'a Account,
    screen: Screen,
    narrator: RefCell<Narrator>,
}

impl<'a> Show<'a> {
    /// Raises the curtain.
    pub fn open(account: &'a Account) -> Self {
        Self { account, screen: Screen::open(), narrator: RefCell::default() }
    }

    /// What all this is.
    pub fn opening(&self) {
        self.lines(&[
            self.paint(Ink::Bold, "Cutover: blue-green releases for EC2 Auto Scaling fleets"),
            "The binary that would run in Lambda, against a simulated AWS on this machine.".to_owned(),
            "Real events wake it, real HTTP requests flow to the fleets that it releases.".to_owned(),
            "What takes minutes in production takes seconds here; nothing else differs.".to_owned(),
        ]);
    }

    /// A heading, and what it is about.
    pub fn act(&self, title: &str, about: &[&str]) {
        let about = about.iter().map(|line| self.paint(Ink::Faint, &format!("   {line}")));
        let lines: Vec<String> = [String::new(), self.paint(Ink::Bold, title)].into_iter().chain(about).collect();
        self.lines(&lines);
    }

    /// Something that happens now.
    pub fn tell(&self, who: &str, what: &str) {
        self.lines(&[self.line(now(), who, what)]);
    }

    /// Lines of text, after all that happened before them.
    pub fn lines(&self, lines: &[String]) {
        let mut all = self.news();
        all.extend_from_slice(lines);
        self.screen.show(&all, &self.picture());
    }

    /// The end of the picture: what is printed from now on stays.
    pub fn close(&self) {
        let news = self.news();
        self.print(&news);
        self.print(&[String::new()]);
    }

    /// Lines alone, without a picture below.
    pub fn print(&self, lines: &[String]) {
        self.screen.show(lines, &[]);
    }

    /// Text in a colour, where there are any.
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        self.screen.paint(ink, text)
    }

    /// Tells and draws, for ever.
    pub async fn run(&self) -> Infallible {
        let mut frames = 0;
        loop {
            tokio::time::sleep(FRAME).await;
            frames += 1;
            let live = self.screen.is_live();
            let figures = (!live && frames % FRAMES_PER_LINE == 0)
                .then(|| self.line(now(), "now", &picture::line(&Figures::take(self.account))));
            match figures {
                Some(line) => self.lines(&[line]),
                None => self.lines(&[]),
            }
        }
    }

    /// What happened since the last time.
    fn news(&self) -> Vec<String> {
        let news = self.narrator.borrow_mut().news(self.account);
        news.iter().map(|news| self.line(news.at, news.who, &news.what)).collect()
    }

    fn line(&self, at: i64, who: &str, what: &str) -> String {
        let seconds = (at - self.account.began).max(0) as f64 / 1000.0;
        let who = match who {
            "cutover" => self.paint(Ink::Green, &format!("{who:<9}")),
            "event" | "alarm" => self.paint(Ink::Yellow, &format!("{who:<9}")),
            _ => format!("{who:<9}"),
        };
        format!("{} {who} {what}", self.paint(Ink::Faint, &format!("{seconds:5.1} s")))
    }

    fn picture(&self) -> Vec<String> {
        if !self.screen.is_live() {
            return Vec::new();
        }
        picture::draw(&Figures::take(self.account), &self.screen)
    }
}
