//! Cost by size: a line for each contender, both axes logarithmic.

use svg::node::element::{Circle, Line, Polyline};

use super::scale::{Scale, size_name, ticks, whole};
use super::{COLOURS, WIDTH, caption_height, card, label, number};

/// A picture of lines.
pub struct Lines {
    /// What is shown.
    pub title: String,
    /// What the height is: `ns a message`.
    pub height: String,
    /// What the width is: `bytes`.
    pub width: String,
    /// Where, with what and when it was measured.
    pub caption: Vec<String>,
    /// The lines.
    pub series: Vec<Series>,
}

/// One line.
pub struct Series {
    /// Whose.
    pub name: String,
    /// `floor`, `postroom`, `peer` or `system`.
    pub role: String,
    /// Sizes and costs, by size. Neither is 0.
    pub points: Vec<(f64, f64)>,
}

const LEFT: f64 = 72.0;
const TOP: f64 = 76.0;
/// Where the names begin.
const RIGHT: f64 = WIDTH - 276.0;
/// Height of a name.
const NAME: f64 = 17.0;

impl Lines {
    /// Draws it.
    pub fn draw(&self) -> String {
        let inner = (NAME * self.series.len() as f64).max(340.0);
        let bottom = TOP + inner;
        let height = bottom + 46.0 + caption_height(&self.caption);
        let mut card = card(height, &self.title, &self.height, &self.caption);

        let points = || self.series.iter().flat_map(|series| series.points.iter());
        let mut sizes: Vec<f64> = points().map(|point| point.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        let (Some(&least), Some(&most)) = (sizes.first(), sizes.last()) else {
            return card.to_string();
        };
        let across = Scale { from: least, to: most, start: LEFT, end: RIGHT - 24.0 };
        let cheapest = points().map(|point| point.1).fold(f64::INFINITY, f64::min);
        let dearest = points().map(|point| point.1).fold(0.0, f64::max);
        let ticks = ticks(cheapest, dearest);
        let (low, high) = (ticks[0].min(cheapest), ticks[ticks.len() - 1].max(dearest));
        let up = Scale { from: low, to: high, start: bottom, end: TOP };

        for tick in ticks {
            let y = up.at(tick);
            card = card.add(grid(LEFT, y, RIGHT - 24.0, y));
            card = card.add(label(LEFT - 8.0, y + 4.0, "muted end", &whole(tick)));
        }
        for &size in &sizes {
            let x = across.at(size);
            card = card.add(grid(x, TOP, x, bottom));
            card = card.add(label(x, bottom + 20.0, "muted middle", &size_name(size)));
        }
        let middle = f64::midpoint(LEFT, RIGHT - 24.0);
        card = card.add(label(middle, bottom + 39.0, "muted middle", &self.width));

        let places = self.places(&up, TOP, bottom);
        let (mut colour, mut own) = (0, 0);
        // Ours last, on top.
        let mut order: Vec<usize> = (0..self.series.len()).collect();
        order.sort_by_key(|&n| self.series[n].role == "postroom");
        for n in order {
            let series = &self.series[n];
            let (line, dot) = match series.role.as_str() {
                "floor" => ("plain dash".to_owned(), "dot".to_owned()),
                "postroom" => {
                    own += 1;
                    (format!("s0 ours{}", ["", " dash", " dots"][(own - 1) % 3]), "f0".to_owned())
                }
                _ => {
                    // Six colours, then the same with dashes, then with dots.
                    let n = 1 + colour % (COLOURS - 1);
                    let dashes = ["", " dash", " dots"][colour / (COLOURS - 1) % 3];
                    colour += 1;
                    (format!("s{n}{dashes}"), format!("f{n}"))
                }
            };
            let spots: Vec<_> =
                series.points.iter().map(|&(size, cost)| (across.at(size), up.at(cost))).collect();
            let path: Vec<_> = spots.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            card = card.add(
                Polyline::new().set("class", format!("line {line}")).set("points", path.join(" ")),
            );
            for (x, y) in &spots {
                card = card.add(
                    Circle::new()
                        .set("class", dot.clone())
                        .set("cx", place(*x))
                        .set("cy", place(*y))
                        .set("r", 3),
                );
            }
            let y = places[n];
            if let Some((x, end)) = spots.last()
                && *x >= RIGHT - 25.0
            {
                card = card.add(grid(*x + 4.0, *end, RIGHT - 4.0, y));
            }
            card = card.add(stroke(RIGHT, y, RIGHT + 24.0, y, &format!("line {line}")));
            let last = series.points.last().map_or(0.0, |point| point.1);
            let name = format!("{}  {}", series.name, number(last));
            card = card.add(label(RIGHT + 30.0, y + 4.0, "", &name));
        }
        card.to_string()
    }

    /// Where each name stands: beside its line's end, and under no other.
    fn places(&self, up: &Scale, top: f64, bottom: f64) -> Vec<f64> {
        let ends = |n: usize| up.at(self.series[n].points.last().map_or(up.from, |it| it.1));
        let mut order: Vec<usize> = (0..self.series.len()).collect();
        order.sort_by(|&a, &b| ends(a).total_cmp(&ends(b)));
        let mut places = vec![0.0; order.len()];
        let mut next = top;
        for &n in &order {
            places[n] = ends(n).max(next);
            next = places[n] + NAME;
        }
        let mut limit = bottom;
        for &n in order.iter().rev() {
            places[n] = places[n].min(limit);
            limit = places[n] - NAME;
        }
        places
    }
}

fn place(at: f64) -> f64 {
    (at * 10.0).round() / 10.0
}

fn stroke(x: f64, y: f64, to_x: f64, to_y: f64, class: &str) -> Line {
    let line = Line::new().set("class", class).set("x1", place(x)).set("y1", place(y));
    line.set("x2", place(to_x)).set("y2", place(to_y))
}

fn grid(x: f64, y: f64, to_x: f64, to_y: f64) -> Line {
    stroke(x, y, to_x, to_y, "grid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_on_another() {
        let series = |cost| Series {
            name: String::new(),
            role: "peer".to_owned(),
            points: vec![(1.0, 1.0), (2.0, cost)],
        };
        let lines = Lines {
            title: String::new(),
            height: String::new(),
            width: String::new(),
            caption: Vec::new(),
            series: [100.0, 100.0, 90.0, 1.0, 1.0].map(series).into(),
        };
        let up = Scale { from: 1.0, to: 100.0, start: 400.0, end: 0.0 };
        let mut places = lines.places(&up, 0.0, 400.0);
        places.sort_by(f64::total_cmp);
        assert!(places.windows(2).all(|two| two[1] - two[0] >= NAME), "{places:?}");
        assert!(places[0] >= 0.0 && places[4] <= 400.0, "{places:?}");
    }
}
