//! Elements as the backend writes them, in fewer words: a month of twenty mixes has thousands.

use super::canvas::escaped;
use crate::report::font;

/// The elements of a drawing.
#[derive(Default)]
pub(super) struct Markup {
    text: String,
    /// The look of the path that ends the text, and where it ends: one more of the same look becomes part of it.
    open: Option<(String, usize)>,
}

/// The end of a path's element.
const END: &str = "\"/>\n";

impl Markup {
    /// Adds an element of the backend.
    pub(super) fn add(&mut self, element: &str) {
        let element = element.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
        if let Some((look, outline)) = line(&element).or_else(|| rectangle(&element)) {
            self.path(&look, &outline);
        } else if let Some((look, outline)) = shape(&element) {
            self.verbatim(&format!("<path{look} d=\"{outline}{END}"));
        } else {
            self.verbatim(&words(&element));
        }
    }

    /// Adds a path. Those that follow each other with the same look are one: none of them encloses another the other way round.
    pub(super) fn path(&mut self, look: &str, outline: &str) {
        match &self.open {
            Some((open, end)) if open == look && *end == self.text.len() => self.text.truncate(end - END.len()),
            _ => self.text += &format!("<path{look} d=\""),
        }
        self.text += outline;
        self.text += END;
        self.open = Some((look.to_string(), self.text.len()));
    }

    /// Adds elements as they are.
    pub(super) fn verbatim(&mut self, elements: &str) {
        self.text += elements;
    }

    /// All elements.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// The value of an attribute.
fn value<'a>(element: &'a str, attribute: &str) -> Option<&'a str> {
    element.split_once(&format!(" {attribute}=\""))?.1.split('"').next()
}

/// The element's attributes that say how it looks, without those that say where it is.
fn look(element: &str, places: &[&str]) -> Option<String> {
    let (_, attributes) = element.trim_end().strip_suffix("/>")?.split_once(' ')?;
    let mut look = format!(" {attributes}");
    for place in places {
        look = look.replace(&format!(" {place}=\"{}\"", value(element, place)?), "");
    }
    Some(look)
}

/// A line as a path.
fn line(element: &str) -> Option<(String, String)> {
    element.starts_with("<polyline").then_some(())?;
    Some((look(element, &["points"])?, outline(value(element, "points")?)?))
}

/// A rectangle as a path.
fn rectangle(element: &str) -> Option<(String, String)> {
    element.starts_with("<rect").then_some(())?;
    let places = ["x", "y", "width", "height"];
    let mut numbers = [""; 4];
    for (number, place) in numbers.iter_mut().zip(places) {
        *number = value(element, place)?;
    }
    let [x, y, width, height] = numbers;
    Some((look(element, &places)?, format!("M{x} {y}h{width}v{height}h-{width}z")))
}

/// A polygon as a path.
fn shape(element: &str) -> Option<(String, String)> {
    element.starts_with("<polygon").then_some(())?;
    Some((look(element, &["points"])?, outline(value(element, "points")?)? + "z"))
}

/// Steps from point to point: a third of the space of the points.
fn outline(points: &str) -> Option<String> {
    let mut path = String::with_capacity(points.len() / 2);
    let mut last: Option<(i32, i32)> = None;
    for point in points.split_whitespace() {
        let (x, y) = point.split_once(',')?;
        let (x, y): (i32, i32) = (x.parse().ok()?, y.parse().ok()?);
        path += &match last {
            None => format!("M{x} {y}"),
            Some((from, level)) if level == y => format!("h{}", x - from),
            Some((from, level)) if from == x => format!("v{}", y - level),
            Some((from, level)) => format!("l{} {}", x - from, y - level),
        };
        last = Some((x, y));
    }
    Some(path)
}

/// A text without what the document says once for all.
fn words(element: &str) -> String {
    let mut element = element.replace(&format!(" font-family=\"{}\"", escaped_by_backend(font::FAMILY)), "");
    for nothing in [" dy=\"0.5ex\"", " text-anchor=\"start\""] {
        element = element.replace(nothing, "");
    }
    if let Some(size) = value(&element, "font-size").and_then(|size| size.parse::<f64>().ok()) {
        let written = value(&element, "font-size").unwrap_or_default().to_string();
        element = element.replacen(&format!("\"{written}\""), &format!("\"{}\"", (size * 100.0).round() / 100.0), 1);
    }
    element.replace(">\n", ">").replace("\n</text>", "</text>").trim_end().to_string() + "\n"
}

/// A text as the backend writes it into an attribute.
fn escaped_by_backend(text: &str) -> String {
    escaped(text).replace("&#39;", "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_look_are_one_path() {
        let mut markup = Markup::default();
        let grid = |y: u32| {
            format!(
                "<polyline fill=\"none\" opacity=\"1\" stroke=\"#E4E7EA\" stroke-width=\"4\" points=\"7,{y} 90,{y} \"/>\n"
            )
        };
        markup.add(&grid(5));
        markup.add(&grid(9));
        markup.add("<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" opacity=\"1\" fill=\"#FFFFFF\" stroke=\"none\"/>\n");
        markup.add(&grid(11));
        let look = " fill=\"none\" stroke=\"#E4E7EA\" stroke-width=\"4\"";
        let wanted = format!(
            "<path{look} d=\"M7 5h83M7 9h83\"/>\n<path fill=\"#FFFFFF\" d=\"M1 2h3v4h-3z\"/>\n<path{look} d=\"M7 11h83\"/>\n"
        );
        assert_eq!(markup.text(), wanted);
    }

    #[test]
    fn shapes_stay_apart() {
        let mut markup = Markup::default();
        for points in ["0,0 4,0 4,4", "0,0 4,4 4,0"] {
            markup.add(&format!("<polygon opacity=\"1\" fill=\"#FFFFFF\" points=\"{points} \"/>\n"));
        }
        assert_eq!(markup.text().matches("<path").count(), 2, "{}", markup.text());
    }
}
