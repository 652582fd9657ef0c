//! Charts over time, one above the other, drawn as SVG and made a PNG by the browser that tests have anyway.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// One chart.
pub(super) struct Chart {
    title: String,
    lines: Vec<Line>,
}

/// One line of a chart.
pub(super) struct Line {
    /// In the legend; none if empty.
    pub(super) name: String,
    /// Seconds and values; the line is broken where there is none.
    pub(super) points: Vec<(f64, Option<f64>)>,
}

/// A time that is marked in all charts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Seconds.
    pub(super) from: f64,
    /// Seconds.
    pub(super) to: f64,
    /// What it was.
    pub(super) what: &'static str,
}

impl Chart {
    /// With these lines.
    pub(super) fn new(title: &str, lines: Vec<Line>) -> Self {
        Self { title: title.to_owned(), lines }
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.lines.iter().flat_map(|line| line.points.iter().filter_map(|(_, value)| *value))
    }

    /// The top of its scale: a round number.
    fn top(&self) -> f64 {
        let most = self.values().fold(0.0, f64::max).max(1.0);
        let unit = 10_f64.powf(most.log10().floor());
        let rounded = [1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0].map(|factor| factor * unit);
        rounded.into_iter().find(|top| *top >= most).unwrap_or(most)
    }
}

/// Draws them all.
pub(super) fn draw(png: &Path, charts: &[Chart], marks: &[Mark]) {
    let end = charts.iter().flat_map(|chart| &chart.lines).flat_map(|line| &line.points);
    let end = end.map(|(at, _)| *at).fold(1.0, f64::max);
    let legend = legend(marks);
    let height = TOP + charts.len() as f64 * PITCH + legend.len() as f64 * 18.0 + 40.0;
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' \
         font-family='DejaVu Sans, sans-serif' font-size='12'>\
         <rect width='100%' height='100%' fill='white'/>"
    );
    for (n, chart) in charts.iter().enumerate() {
        draw_chart(&mut svg, chart, marks, TOP + n as f64 * PITCH, end);
    }
    let below = TOP + charts.len() as f64 * PITCH + 24.0;
    for (n, text) in legend.iter().enumerate() {
        let y = below + n as f64 * 18.0;
        let _ = write!(svg, "<text x='{LEFT}' y='{y}' fill='#444'>{text}</text>");
    }
    svg.push_str("</svg>");
    photograph(&svg, png, height);
}

fn draw_chart(svg: &mut String, chart: &Chart, marks: &[Mark], top: f64, end: f64) {
    let x = |at: f64| LEFT + at / end * (WIDTH - LEFT - RIGHT);
    let scale = chart.top();
    let y = |value: f64| top + HEIGHT - value / scale * HEIGHT;
    for (n, mark) in marks.iter().enumerate() {
        let (from, width) = (x(mark.from), (x(mark.to) - x(mark.from)).max(1.0));
        let number = kind(marks, n);
        let _ = write!(
            svg,
            "<rect x='{from:.1}' y='{top}' width='{width:.1}' height='{HEIGHT}' fill='#f3d9c9'/>\
             <text x='{from:.1}' y='{:.1}' font-size='8' fill='#a65628'>{number}</text>",
            top - 2.0
        );
    }
    for part in 0..=2 {
        let value = scale * f64::from(part) / 2.0;
        let level = y(value);
        let _ = write!(
            svg,
            "<line x1='{LEFT}' x2='{:.1}' y1='{level:.1}' y2='{level:.1}' stroke='#ddd'/>\
             <text x='{:.1}' y='{:.1}' text-anchor='end' fill='#666'>{}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            level + 4.0,
            shown(value)
        );
    }
    let minutes = (end / 60.0).ceil() as u32;
    for minute in (0..=minutes).step_by(if minutes > 15 { 10 } else { 1 }) {
        let at = x(f64::from(minute) * 60.0);
        if at <= WIDTH - RIGHT {
            let under = top + HEIGHT + 14.0;
            let _ = write!(
                svg,
                "<text x='{at:.1}' y='{under:.1}' text-anchor='middle' fill='#666'>{minute} min</text>"
            );
        }
    }
    let _ = write!(
        svg,
        "<text x='{LEFT}' y='{:.1}' font-weight='bold'>{}</text>",
        top - 12.0,
        chart.title
    );
    for (line, colour) in chart.lines.iter().zip(["#2b6cb0", "#c05621"]) {
        draw_line(svg, line, colour, &x, &y);
    }
    draw_names(svg, chart, top);
}

fn draw_line(
    svg: &mut String,
    line: &Line,
    colour: &str,
    x: &dyn Fn(f64) -> f64,
    y: &dyn Fn(f64) -> f64,
) {
    let (mut path, mut pen_down) = (String::new(), false);
    for (at, value) in &line.points {
        if let Some(value) = value {
            let step = if pen_down { 'L' } else { 'M' };
            let _ = write!(path, "{step}{:.1} {:.1}", x(*at), y(*value));
        }
        pen_down = value.is_some();
    }
    let _ = write!(svg, "<path d='{path}' fill='none' stroke='{colour}' stroke-width='1.5'/>");
}

fn draw_names(svg: &mut String, chart: &Chart, top: f64) {
    let named = chart.lines.iter().filter(|line| !line.name.is_empty() && chart.lines.len() > 1);
    for ((n, line), colour) in named.enumerate().zip(["#2b6cb0", "#c05621"]) {
        let at = WIDTH - RIGHT - 60.0 + n as f64 * 30.0;
        let _ = write!(
            svg,
            "<text x='{at}' y='{:.1}' font-weight='bold' fill='{colour}'>{}</text>",
            top - 12.0,
            line.name
        );
    }
}

/// The number of a mark's kind: the same fault has the same number each time.
fn kind(marks: &[Mark], n: usize) -> usize {
    let kinds = kinds(marks);
    kinds.iter().position(|what| *what == marks[n].what).map_or(0, |at| at + 1)
}

fn kinds(marks: &[Mark]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for mark in marks {
        if !kinds.contains(&mark.what) {
            kinds.push(mark.what);
        }
    }
    kinds
}

/// Lines of text that say what the numbers are.
fn legend(marks: &[Mark]) -> Vec<String> {
    let named: Vec<String> =
        kinds(marks).iter().enumerate().map(|(n, what)| format!("{} {what}", n + 1)).collect();
    named.chunks(4).map(|line| line.join("   ·   ")).collect()
}

fn shown(value: f64) -> String {
    match value {
        _ if value >= 1_000_000.0 => format!("{:.1} M", value / 1_000_000.0),
        _ if value >= 10_000.0 => format!("{:.0} k", value / 1000.0),
        _ if value >= 10.0 || value == 0.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

fn photograph(svg: &str, png: &Path, height: f64) {
    let source = png.with_extension("svg");
    std::fs::write(&source, svg).expect("the drawing is written");
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    let browser = browser.expect("Chromium is installed: scripts/setup.sh test");
    let profile = tempfile::tempdir().expect("a folder for its profile");
    let done = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={WIDTH},{}", height.ceil()))
        .arg(format!("--screenshot={}", png.display()))
        .arg(format!("file://{}", source.canonicalize().expect("just written").display()))
        .output()
        .expect("Chromium runs");
    assert!(png.is_file(), "{}", String::from_utf8_lossy(&done.stderr));
}

const WIDTH: f64 = 1200.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 48.0;
/// Of one chart's field.
const HEIGHT: f64 = 110.0;
/// From one chart to the next.
const PITCH: f64 = 172.0;
