//! Where the cost of something goes: bars in parts.

use svg::node::element::Rectangle;

use super::{COLOURS, WIDTH, caption_height, card, label, number};

/// A picture of bars that have the same parts.
pub struct Parts {
    /// What is shown.
    pub title: String,
    /// What is counted.
    pub unit: String,
    /// Where, with what and when it was counted.
    pub caption: Vec<String>,
    /// What the parts are called.
    pub names: Vec<String>,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// One bar.
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// How much each part is, in the order of the names.
    pub parts: Vec<f64>,
}

const LEFT: f64 = 24.0;
const RIGHT: f64 = WIDTH - 24.0;
const TOP: f64 = 84.0;
/// Height of a bar with its name.
const BAR: f64 = 74.0;
/// Height of a line of the table.
const ROW: f64 = 22.0;
/// Where the columns of the table end.
const COLUMN: f64 = 420.0;

impl Parts {
    /// Draws it: the bars, and under them a table of their parts. Bars are equally long; how much
    /// each is in all stands beside its name.
    pub fn draw(&self) -> String {
        let bars = TOP + BAR * self.bars.len() as f64;
        let height = bars + ROW * (self.names.len() as f64 + 1.5) + caption_height(&self.caption);
        let mut card = card(height, &self.title, &self.unit, &self.caption);
        for (n, bar) in self.bars.iter().enumerate() {
            let y = TOP + BAR * n as f64;
            let sum: f64 = bar.parts.iter().sum();
            card = card.add(label(LEFT, y + 12.0, "", &format!("{}: {}", bar.name, number(sum))));
            let mut x = LEFT;
            for (n, part) in bar.parts.iter().enumerate() {
                let width = part / sum * (RIGHT - LEFT);
                let shape = Rectangle::new().set("class", colour(n)).set("x", place(x));
                let shape = shape.set("y", y + 20.0).set("width", place(width)).set("height", 32);
                card = card.add(shape);
                // A number that would not fit is in the table.
                if width > 40.0 {
                    let middle = x + width / 2.0;
                    card = card.add(label(middle, y + 40.0, "on middle", &number(*part)));
                }
                x += width;
            }
        }
        for (n, bar) in self.bars.iter().enumerate() {
            let x = COLUMN + 200.0 * n as f64;
            card = card.add(label(x, bars + 10.0, "muted end", &bar.name));
        }
        for (n, name) in self.names.iter().enumerate() {
            let y = bars + 10.0 + ROW * (n as f64 + 1.0);
            let swatch = Rectangle::new().set("class", colour(n)).set("x", LEFT).set("y", y - 11.0);
            card = card.add(swatch.set("width", 14).set("height", 14));
            card = card.add(label(LEFT + 22.0, y, "", name));
            for (column, bar) in self.bars.iter().enumerate() {
                let sum: f64 = bar.parts.iter().sum();
                let part = bar.parts.get(n).copied().unwrap_or(0.0);
                let text = format!("{} ({:.0} %)", number(part), part / sum * 100.0);
                card = card.add(label(COLUMN + 200.0 * column as f64, y, "end", &text));
            }
        }
        card.to_string()
    }
}

/// The last part is what is left.
fn colour(n: usize) -> String {
    if n < COLOURS { format!("f{n}") } else { "dot".to_owned() }
}

fn place(at: f64) -> f64 {
    (at * 10.0).round() / 10.0
}
