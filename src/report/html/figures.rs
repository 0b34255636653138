//! Charts in the page, each for wide and for narrow sheets, some with another axis.

use crate::report::chart::{self, Axis, Chart, Colours, Size};
use crate::report::incidents::{MOST_DRAWN, worst};
use crate::report::saving::saving;
use crate::results::{MixRecord, Results, SensitivityRecord, Timeline};

/// Charts for more markets than this are left out; the day by day table still counts them.
const MOST_MARKETS: usize = 6;

/// A chart with its heading.
pub(super) struct Figure {
    pub(super) title: String,
    /// Place of the mix in the record, if the chart shows a single one.
    pub(super) mix: Option<usize>,
    /// Place of the incident among those of the mix, if the chart shows one.
    pub(super) incident: Option<usize>,
    /// One, or one for each kind of axis.
    pub(super) drawings: Vec<Drawing>,
}

/// A chart, drawn twice.
pub(super) struct Drawing {
    /// The kind of its axis, in a word.
    pub(super) axis: &'static str,
    pub(super) subtitle: String,
    /// The sub-title of the narrow drawing, which may leave more out.
    pub(super) narrow_subtitle: String,
    pub(super) wide: String,
    pub(super) narrow: String,
}

/// Heights of the wide and of the narrow drawing.
type Heights = [f64; 2];

fn drawing(axis: &'static str, [wide, narrow]: Heights, draw: impl Fn(Size) -> Chart) -> (String, Drawing) {
    let chart = draw(Size { height: wide, ..Size::WIDE });
    let small = draw(Size { height: narrow, ..Size::NARROW });
    let drawing = Drawing {
        axis,
        wide: chart.svg(Colours::OfThePage),
        narrow: small.svg(Colours::OfThePage),
        subtitle: chart.subtitle,
        narrow_subtitle: small.subtitle,
    };
    (chart.title, drawing)
}

fn figure(mix: Option<usize>, heights: Heights, draw: impl Fn(Size) -> Chart) -> Figure {
    let (title, drawing) = drawing("", heights, draw);
    Figure { title, mix, incident: None, drawings: vec![drawing] }
}

/// The chart with its fitting axis, and with the other one.
fn either_axis(mix: Option<usize>, heights: Heights, log: bool, draw: impl Fn(Size, Axis) -> Chart) -> Figure {
    let axes = [("logarithmic", Axis::Log), ("linear", Axis::Linear)];
    let axes = if log { axes } else { [axes[1], axes[0]] };
    let mut drawn = axes.map(|(word, axis)| drawing(word, heights, |size| draw(size, axis))).into_iter();
    let mut title = String::new();
    let drawings = drawn.by_ref().map(|(words, drawing)| {
        title = words;
        drawing
    });
    let drawings = drawings.collect();
    Figure { title, mix, incident: None, drawings }
}

/// The frontier.
pub(super) fn frontier(results: &Results) -> Figure {
    let log = chart::frontier_is_logarithmic(results);
    either_axis(None, [400.0, 400.0], log, |size, axis| chart::frontier(results, size, axis))
}

/// Why requests are late.
pub(super) fn causes(results: &Results) -> Figure {
    figure(None, [320.0, 300.0], |size| chart::causes(results, size))
}

/// What cost depends on.
pub(super) fn sensitivity(record: &SensitivityRecord) -> Figure {
    let rows = record.factors.len().max(1) as f64;
    figure(None, [52.0 * rows + 70.0, 52.0 * rows + 90.0], |size| chart::tornado(record, size))
}

/// What the speed of starting containers is worth, where mixes differ in it.
pub(super) fn start_time(results: &Results) -> Option<Figure> {
    chart::has_start_times(results).then(|| figure(None, [340.0, 320.0], |size| chart::start_time(results, size)))
}

/// Everything over time; with either axis of latency if `in_full`.
pub(super) fn over_time(results: &Results, timeline: &Timeline, in_full: bool) -> Vec<Figure> {
    let mix = results.mixes.iter().position(|mix| mix.name == timeline.mix);
    let heights = [340.0, 320.0];
    let mut figures = vec![
        figure(mix, [320.0, 300.0], |size| chart::cost_by_day(results, timeline, size)),
        figure(mix, [420.0, 400.0], |size| chart::capacity(results, timeline, size)),
        if in_full {
            either_axis(mix, heights, true, |size, axis| chart::latency(results, timeline, size, axis))
        } else {
            figure(mix, heights, |size| chart::latency(results, timeline, size, Axis::Log))
        },
    ];
    let markets = timeline.markets.iter().take(MOST_MARKETS);
    figures.extend(
        markets.map(|market| figure(mix, [300.0, 320.0], |size| chart::spot_price(results, timeline, market, size))),
    );
    figures
}

/// The worst incidents by the minute.
pub(super) fn incidents(results: &Results, timeline: &Timeline) -> Vec<Figure> {
    let mix = results.mixes.iter().position(|mix| mix.name == timeline.mix);
    let drawn = worst(results, &timeline.incidents, MOST_DRAWN).into_iter().map(|place| {
        let incident = &timeline.incidents.worst[place];
        let figure = figure(mix, [420.0, 440.0], |size| chart::incident(results, incident, size));
        Figure { incident: Some(place), ..figure }
    });
    drawn.collect()
}

/// Where the saving comes from, and what committing to more would be worth.
pub(super) fn savings(results: &Results, mix: &MixRecord, timeline: Option<&Timeline>) -> Vec<Figure> {
    let way = saving(results, mix);
    let waterfall = way.as_ref().map(|way| {
        let rows = way.steps.len() as f64 + 2.0;
        figure(None, [44.0 * rows, 54.0 * rows], |size| chart::waterfall(results, mix, way, size))
    });
    let curve = timeline.and_then(|timeline| {
        chart::commitment_curve(mix, timeline, Size::WIDE)?;
        let draw = |size| chart::commitment_curve(mix, timeline, size).expect("it was drawn in another size");
        Some(figure(None, [320.0, 300.0], draw))
    });
    waterfall.into_iter().chain(curve).collect()
}

/// How the cost of a month spreads, where that speaks of risk.
pub(super) fn spread(results: &Results) -> Option<Figure> {
    chart::spread(results, Size::WIDE)?;
    let rows = results.mixes.len().min(8) as f64;
    let draw = |size| chart::spread(results, size).expect("it was drawn in another size");
    Some(figure(None, [58.0 * rows + 30.0, 62.0 * rows + 30.0], draw))
}
