//! Two studies side by side as a page that needs nothing else.

use super::{best_words, figures, finding, headline, sign};
use crate::difference::{ChangedSetting, Difference};
use crate::report::chart::{self, Colours, Size, declarations};
use crate::report::font::face_rules;
use crate::report::view::verdict;
use askama::Template;

#[derive(Template)]
#[template(path = "diff.html")]
struct Page<'a> {
    light: String,
    dark: String,
    fonts: String,
    title: String,
    headline: String,
    best: String,
    charts: Vec<Picture>,
    rows: Vec<Row<'a>>,
    settings: &'a [ChangedSetting],
    gone: &'a [String],
    added: &'a [String],
    notes: &'a [String],
}

struct Picture {
    title: String,
    subtitle: String,
    wide: String,
    narrow: String,
}

struct Row<'a> {
    name: &'a str,
    /// Name of the figure, both values, the change, the sign of the finding, and the finding.
    figures: Vec<[String; 5]>,
    objective: String,
}

/// The page.
pub fn diff_html(difference: &Difference) -> String {
    let row = |mix| {
        let mix: &crate::difference::MixDifference = mix;
        let cells = figures(mix, difference.currency).map(|(name, values, change, found)| {
            [name.to_string(), values, change, sign(found).to_string(), finding(found).to_string()]
        });
        let [old, new] = mix.objective_met.map(verdict);
        let objective = if old == new { old.to_string() } else { format!("{old} → {new}") };
        Row { name: &mix.name, figures: cells.into(), objective }
    };
    let names = if difference.old == difference.new {
        difference.new.clone()
    } else {
        format!("{} → {}", difference.old, difference.new)
    };
    let page = Page {
        light: declarations(false),
        dark: declarations(true),
        fonts: face_rules(),
        title: names,
        headline: headline(difference),
        best: best_words(difference),
        charts: pictures(difference),
        rows: difference.mixes.iter().map(row).collect(),
        settings: &difference.settings,
        gone: &difference.gone,
        added: &difference.added,
        notes: &difference.notes,
    };
    page.render().expect("a page is rendered into memory")
}

fn pictures(difference: &Difference) -> Vec<Picture> {
    let rows = difference.mixes.len().min(chart::MOST_CHANGES) as f64;
    let picture = |of: chart::Figure| {
        let draw = |size: Size, row: f64| chart::changes(difference, of, Size { height: row * rows + 60.0, ..size });
        let (wide, narrow) = (draw(Size::WIDE, 34.0), draw(Size::NARROW, 46.0));
        Picture {
            wide: wide.svg(Colours::OfThePage),
            narrow: narrow.svg(Colours::OfThePage),
            title: wide.title,
            subtitle: wide.subtitle,
        }
    };
    if difference.mixes.is_empty() {
        Vec::new()
    } else {
        [chart::Figure::Cost, chart::Figure::Late].map(picture).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::difference;
    use crate::report::sample;

    #[test]
    fn the_page_holds_every_mix_and_escapes_names() {
        let (old, _) = sample::week();
        let mut new = old.clone();
        let evil = "<script>alert(1)</script>";
        new.scenario.name = evil.into();
        new.mixes[0].name = evil.into();
        let page = diff_html(&difference(&old, &new).unwrap());
        assert!(!page.contains("<script") && page.contains("&#60;script"), "not escaped");
        for mix in &new.mixes[1..] {
            assert!(page.contains(&mix.name));
        }
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains("http"));
    }

    #[test]
    fn nothing_in_common_makes_a_page() {
        let (old, _) = sample::week();
        let page = diff_html(&difference(&old, &sample::study(Vec::new())).unwrap());
        assert!(page.contains("no mix in common"));
    }
}
