//! The cells of a workbook, and the few formulas that ours has.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A cell: its value, and its formula if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub value: Value,
    pub formula: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(f64),
    Text(String),
    Empty,
}

/// The sheets of a workbook by name; cells by row and column, from 1.
pub struct Book(pub BTreeMap<String, BTreeMap<(u32, u32), Cell>>);

/// The parts of the archive.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a ZIP archive");
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("XML");
        let name = file.name().expect("a name").to_string();
        parts.insert(name, text);
    }
    parts
}

/// `C12` as row and column.
fn place(reference: &str) -> (u32, u32) {
    let reference = reference.replace('$', "");
    let letters: String = reference.chars().take_while(char::is_ascii_alphabetic).collect();
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    (reference[letters.len()..].parse().expect("a row"), column)
}

impl Book {
    pub fn read(bytes: &[u8]) -> Self {
        let parts = parts(bytes);
        let parse = |name: &str| roxmltree::Document::parse(&parts[name]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let shared = parse("xl/sharedStrings.xml");
        let named = |document: &roxmltree::Document, name: &'static str| -> Vec<String> {
            let found = |node: &roxmltree::Node| node.tag_name().name() == name;
            document
                .descendants()
                .filter(found)
                .map(|node| node.attribute("name").unwrap_or_default().to_string())
                .collect()
        };
        let strings: Vec<String> = shared
            .descendants()
            .filter(|node| node.tag_name().name() == "si")
            .map(|node| {
                node.descendants()
                    .filter(|one| one.tag_name().name() == "t")
                    .filter_map(|one| one.text())
                    .collect::<String>()
            })
            .collect();
        let mut sheets = BTreeMap::new();
        for (index, name) in named(&parse("xl/workbook.xml"), "sheet").into_iter().enumerate() {
            let sheet = parse(&format!("xl/worksheets/sheet{}.xml", index + 1));
            let mut cells = BTreeMap::new();
            for node in sheet.descendants().filter(|node| node.tag_name().name() == "c") {
                let child = |tag: &str| {
                    node.children().find(|one| one.tag_name().name() == tag).map(|one| one.text().unwrap_or_default())
                };
                let value = match (node.attribute("t"), child("v")) {
                    (Some("s"), Some(index)) => Value::Text(strings[index.parse::<usize>().expect("an index")].clone()),
                    (Some("str"), Some(text)) => Value::Text(text.to_string()),
                    (_, Some(number)) => Value::Number(number.parse().expect("a number")),
                    (_, None) => Value::Empty,
                };
                let formula = child("f").map(String::from);
                cells.insert(place(node.attribute("r").expect("a place")), Cell { value, formula });
            }
            sheets.insert(name, cells);
        }
        Book(sheets)
    }

    /// A cell's number, computed from its formula if it has one.
    pub fn number(&self, sheet: &str, at: (u32, u32)) -> f64 {
        match self.0[sheet].get(&at) {
            Some(Cell { formula: Some(formula), .. }) => self.compute(sheet, formula),
            Some(Cell { value: Value::Number(number), .. }) => *number,
            _ => 0.0,
        }
    }

    pub fn text(&self, sheet: &str, at: (u32, u32)) -> String {
        match self.0[sheet].get(&at).map(|cell| &cell.value) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    fn compute(&self, sheet: &str, formula: &str) -> f64 {
        let inside = |name: &str| formula.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        let cell = |reference: &str| self.number(sheet, place(reference));
        if let Some(range) = inside("SUM") {
            return self.cells(sheet, range).into_iter().map(|(sheet, at)| self.number(&sheet, at)).sum();
        }
        if let Some(arguments) = inside("SUMIFS") {
            let arguments: Vec<&str> = arguments.split(',').collect();
            let columns: Vec<_> = arguments[1..]
                .chunks(2)
                .map(|pair| (self.cells(sheet, pair[0]), self.criterion(sheet, pair[1])))
                .collect();
            let holds =
                |row: usize| columns.iter().all(|(cells, wanted)| self.text(&cells[row].0, cells[row].1) == *wanted);
            let amounts = self.cells(sheet, arguments[0]);
            return amounts
                .iter()
                .enumerate()
                .filter(|(row, _)| holds(*row))
                .map(|(_, (sheet, at))| self.number(sheet, *at))
                .sum();
        }
        if let Some((a, b)) =
            inside("ROUND").and_then(|inner| inner.strip_suffix(",2")).and_then(|inner| inner.split_once('-'))
        {
            return ((cell(a) - cell(b)) * 100.0).round() / 100.0;
        }
        if let Some((a, b)) = formula.split_once('/') {
            return cell(a) / cell(b);
        }
        panic!("an unknown formula: {formula}")
    }

    fn criterion(&self, sheet: &str, text: &str) -> String {
        match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(text) => text.to_string(),
            None => self.text(sheet, place(text)),
        }
    }

    /// The cells of a range of one column or row, with their sheet.
    fn cells(&self, sheet: &str, range: &str) -> Vec<(String, (u32, u32))> {
        let (sheet, range) = range.split_once('!').unwrap_or((sheet, range));
        let (from, to) = range.split_once(':').expect("a range");
        let (from, to) = (place(from), place(to));
        (from.0..=to.0).flat_map(|row| (from.1..=to.1).map(move |column| (sheet.to_string(), (row, column)))).collect()
    }
}

/// The workbook with zero as the stored value of every formula, so that only a recalculation gives the right ones.
pub fn forgetful(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts(bytes) {
        let mut kept = String::new();
        let mut pieces = text.split("</f><v>");
        kept += pieces.next().unwrap_or_default();
        for piece in pieces {
            let rest = piece.split_once("</v>").map_or("", |(_, rest)| rest);
            kept += &format!("</f><v>0</v>{rest}");
        }
        writer
            .start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
            .expect("a part");
        writer.write_all(kept.as_bytes()).expect("into memory");
    }
    writer.finish().expect("into memory").into_inner()
}

/// A sheet of a workbook as CSV, recalculated by LibreOffice; `None` where that is not installed.
pub fn recalculated(folder: &Path, bytes: &[u8], sheet: u32) -> Option<Vec<Vec<String>>> {
    let profile = folder.join("profile");
    std::fs::create_dir_all(profile.join("user")).expect("a folder");
    let always = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"#;
    std::fs::write(profile.join("user/registrymodifications.xcu"), always).expect("a file");
    let file = folder.join("book.xlsx");
    std::fs::write(&file, bytes).expect("a file");
    let outcome = std::process::Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to"])
        .arg(format!("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,{sheet}"))
        .arg("--outdir")
        .arg(folder)
        .arg(&file)
        .output()
        .ok()?;
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    let written = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let csv = written.filter(|path| path.extension().is_some_and(|end| end == "csv")).max().expect("a CSV file");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&csv).expect("a CSV file");
    let rows = reader.records().map(|row| row.expect("a row").iter().map(String::from).collect()).collect();
    std::fs::remove_file(csv).expect("the file is ours");
    Some(rows)
}
