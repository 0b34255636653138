//! Charts as pictures that stand alone, for slides and print.

use super::causes::explained;
use super::chart::{self, Axis, Chart, Colours, Size};
use super::incidents::{MOST_DRAWN, worst};
use super::ranking::chosen;
use super::saving::saving;
use crate::results::{Results, StoredReport};

/// Every chart of the mix that the report is about, and those of all mixes: a name and an SVG document with its font inside.
pub fn chart_pictures(results: &Results, stored: &StoredReport) -> Vec<(String, String)> {
    let size = Size::PICTURE;
    let mut charts: Vec<(String, Chart)> = vec![("frontier".into(), chart::frontier(results, size, Axis::Fitting))];
    charts.extend(chart::spread(results, size).map(|chart| ("spread".into(), chart)));
    let mix = chosen(results);
    if explained(results).is_some() {
        charts.push(("causes".into(), chart::causes(results, size)));
    }
    charts.extend(results.sensitivity.as_ref().map(|record| ("sensitivity".into(), chart::tornado(record, size))));
    if chart::has_start_times(results) {
        charts.push(("start-time".into(), chart::start_time(results, size)));
    }
    let way = mix.and_then(|mix| Some((mix, saving(results, mix)?)));
    charts.extend(way.map(|(mix, way)| ("saving".into(), chart::waterfall(results, mix, &way, size))));
    let over_time = mix.and_then(|mix| Some((mix, stored.timelines.iter().find(|line| line.mix == mix.name)?)));
    if let Some((mix, timeline)) = over_time {
        charts.extend([
            ("cost-by-day".into(), chart::cost_by_day(results, timeline, size)),
            ("capacity".into(), chart::capacity(results, timeline, size)),
            ("latency".into(), chart::latency(results, timeline, size, Axis::Fitting)),
        ]);
        for (number, place) in worst(results, &timeline.incidents, MOST_DRAWN).into_iter().enumerate() {
            let incident = chart::incident(results, &timeline.incidents.worst[place], size);
            charts.push((format!("incident-{}", number + 1), incident));
        }
        charts.extend(chart::commitment_curve(mix, timeline, size).map(|chart| ("commitment".into(), chart)));
        for (index, market) in timeline.markets.iter().enumerate() {
            let chart = chart::spot_price(results, timeline, market, size);
            charts.push((format!("spot-price-{}", index + 1), chart));
        }
    }
    charts.into_iter().map(|(name, chart)| (name, chart.svg(Colours::Fixed))).collect()
}
