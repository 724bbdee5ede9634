//! Pictures, as SVG: a card with a title, a caption, and something in between.
//!
//! A card brings its own background, light or dark as the reader likes it, so it can be read on any
//! page.

use svg::Document;
use svg::node::element::{Rectangle, Style, Text};

mod lines;
mod parts;
mod scale;

pub use lines::{Lines, Series};
pub use parts::{Bar, Parts};

/// Width of a card.
const WIDTH: f64 = 960.0;

/// What a line or a part is drawn as: its class. The palette is Okabe and Ito's, which the
/// colour-blind can tell apart, and lighter on a dark background.
pub const COLOURS: usize = 7;

const LIGHT: [&str; COLOURS] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#4b9fd0", "#7a5195"];
const DARK: [&str; COLOURS] =
    ["#56b4e9", "#ff8c42", "#2fcf9c", "#f0a6cc", "#f0e442", "#9ad1f5", "#b99add"];

/// The rules for one background.
fn rules(background: &str, text: &str, muted: &str, grid: &str, colours: &[&str]) -> String {
    let mut rules = format!(
        ".card{{fill:{background};stroke:{grid}}}.grid{{stroke:{grid}}}text{{fill:{text}}}\
         .muted{{fill:{muted}}}.plain{{stroke:{muted}}}.dot{{fill:{muted}}}.on{{fill:{background}}}"
    );
    for (n, colour) in colours.iter().enumerate() {
        rules += &format!(".s{n}{{stroke:{colour}}}.f{n}{{fill:{colour}}}");
    }
    rules
}

/// An empty card.
fn card(height: f64, title: &str, subtitle: &str, caption: &[String]) -> Document {
    let style = format!(
        "text{{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:13px}}.title{{font-size:18px;\
         font-weight:600}}.small{{font-size:11px}}.end{{text-anchor:end}}.middle{{text-anchor:middle}}\
         .line{{fill:none;stroke-width:1.5}}.ours{{stroke-width:3.5}}.dash{{stroke-dasharray:6 4}}\
         .dots{{stroke-dasharray:2 3}}{}@media(prefers-color-scheme:dark){{{}}}",
        rules("#ffffff", "#1f2328", "#59636e", "#d8dee4", &LIGHT),
        rules("#0d1117", "#e6edf3", "#9da7b1", "#30363d", &DARK),
    );
    let frame = Rectangle::new()
        .set("class", "card")
        .set("x", 0.5)
        .set("y", 0.5)
        .set("width", WIDTH - 1.0)
        .set("height", height - 1.0)
        .set("rx", 8);
    let mut card = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("width", WIDTH)
        .set("height", height)
        .add(Style::new(style))
        .add(frame)
        .add(label(24.0, 34.0, "title", title))
        .add(label(24.0, 55.0, "muted", subtitle));
    let lines: Vec<_> = caption.iter().flat_map(|line| wrapped(line, 150)).collect();
    for (n, line) in lines.iter().rev().enumerate() {
        card = card.add(label(24.0, height - 14.0 - 15.0 * n as f64, "muted small", line));
    }
    card
}

/// How much of a card's height its caption takes.
fn caption_height(caption: &[String]) -> f64 {
    let lines = caption.iter().flat_map(|line| wrapped(line, 150)).count();
    15.0 * lines as f64 + 20.0
}

/// Breaks a text into lines of at most so many characters, between words.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn label(x: f64, y: f64, class: &str, text: &str) -> Text {
    // Two decimals are a hundredth of a pixel.
    let place = |at: f64| (at * 100.0).round() / 100.0;
    Text::new(text).set("class", class).set("x", place(x)).set("y", place(y))
}

/// A number as one would say it: three digits, and thousands apart.
fn number(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let numbers = [0.5, 9.96, 12.3, 999.4, 1_234.0, 1_234_567.0].map(number);
        assert_eq!(numbers, ["0.5", "10.0", "12", "999", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_caption_is_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), Vec::<String>::new());
    }
}
