//! Charts in the page, each for wide and for narrow sheets.

use crate::report::chart::{self, Chart, Colours, Size};
use crate::results::{Results, Timeline};

/// Charts for more markets than this are left out; the day by day table still counts them.
const MOST_MARKETS: usize = 6;

/// A chart with its heading, drawn twice.
pub(super) struct Figure {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// The sub-title of the narrow drawing, which may leave more out.
    pub(super) narrow_subtitle: String,
    pub(super) wide: String,
    pub(super) narrow: String,
}

fn figure(wide: f64, narrow: f64, draw: impl Fn(Size) -> Chart) -> Figure {
    let chart = draw(Size { height: wide, ..Size::WIDE });
    let small = draw(Size { height: narrow, ..Size::NARROW });
    Figure {
        wide: chart.svg(Colours::OfThePage),
        narrow: small.svg(Colours::OfThePage),
        title: chart.title,
        subtitle: chart.subtitle,
        narrow_subtitle: small.subtitle,
    }
}

/// The frontier.
pub(super) fn frontier(results: &Results) -> Figure {
    figure(440.0, 400.0, |size| chart::frontier(results, size))
}

/// What the speed of starting containers is worth, where mixes differ in it.
pub(super) fn start_time(results: &Results) -> Option<Figure> {
    chart::has_start_times(results).then(|| figure(340.0, 320.0, |size| chart::start_time(results, size)))
}

/// Everything over time.
pub(super) fn over_time(results: &Results, timeline: &Timeline) -> Vec<Figure> {
    let mut figures = vec![
        figure(320.0, 300.0, |size| chart::cost_by_day(results, timeline, size)),
        figure(420.0, 400.0, |size| chart::capacity(results, timeline, size)),
        figure(340.0, 320.0, |size| chart::latency(results, timeline, size)),
    ];
    let markets = timeline.markets.iter().take(MOST_MARKETS);
    figures
        .extend(markets.map(|market| figure(300.0, 320.0, |size| chart::spot_price(results, timeline, market, size))));
    figures
}
