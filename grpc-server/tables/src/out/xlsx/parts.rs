//! The parts of a workbook around its cells: their XML.
//!
//! Source of their form: ECMA-376, part 1, SpreadsheetML, and part 2, Open Packaging Conventions. Invariant: the styles have the
//! places that cells name.

use super::escape::escape;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// The end of a worksheet.
pub(super) const END_SHEET: &str = "</sheetData></worksheet>";

/// The styles of cells: their places, and the forms of numbers.
pub(super) const BOLD: usize = 1;
pub(super) const DATE: usize = 2;
pub(super) const TIME: usize = 3;
pub(super) const TIME_MILLIS: usize = 4;

const STYLES: &str = "<numFmts count=\"3\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>\
    <numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/>\
    <numFmt numFmtId=\"166\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss.000\"/></numFmts>\
    <fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
    <font><b/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts>\
    <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
    <fill><patternFill patternType=\"gray125\"/></fill></fills>\
    <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
    <cellXfs count=\"5\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
    <xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>\
    <xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"165\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"166\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></cellXfs>\
    <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>";

/// The name of the part of a worksheet, counted from 1.
pub(super) fn sheet(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// The begin of a worksheet whose first row stays visible. `is_first`: it is the one that is shown.
pub(super) fn begin_sheet(
    is_first: bool,
    widths: impl ExactSizeIterator<Item = usize>,
    into: &mut String,
) {
    let selected = if is_first { " tabSelected=\"1\"" } else { "" };
    *into += HEAD;
    *into += &format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView{selected} workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
         <selection pane=\"bottomLeft\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>"
    );
    if widths.len() > 0 {
        *into += "<cols>";
        for (number, width) in (1..).zip(widths) {
            let number: u32 = number;
            *into += &format!(
                "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
            );
        }
        *into += "</cols>";
    }
    *into += "<sheetData>";
}

/// The parts before the worksheets. Readers look at the first part for the format of the archive, so it is a small one.
pub(super) fn before_sheets() -> [(&'static str, String); 2] {
    [
        ("_rels/.rels", relations_of(&relation(1, "officeDocument", "xl/workbook.xml"))),
        ("xl/styles.xml", format!("{HEAD}<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>")),
    ]
}

/// The parts behind the worksheets with these names.
pub(super) fn behind_sheets(titles: &[String]) -> [(&'static str, String); 3] {
    let styles_id = titles.len() + 1;
    let (mut sheets, mut relations, mut types) = (String::new(), String::new(), String::new());
    for (number, title) in (1..).zip(titles) {
        let mut name = String::new();
        escape(title, &mut name);
        sheets += &format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        let target = format!("worksheets/sheet{number}.xml");
        relations += &relation(number, "worksheet", &target);
        types += &part_type(&sheet(number), "worksheet");
    }
    relations += &relation(styles_id, "styles", "styles.xml");
    types += &part_type("xl/workbook.xml", "sheet.main");
    types += &part_type("xl/styles.xml", "styles");
    let workbook = format!(
        "{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><bookViews><workbookView/></bookViews>\
         <sheets>{sheets}</sheets></workbook>"
    );
    let content_types = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{types}</Types>"
    );
    [
        ("xl/_rels/workbook.xml.rels", relations_of(&relations)),
        ("xl/workbook.xml", workbook),
        ("[Content_Types].xml", content_types),
    ]
}

fn relation(number: usize, kind: &str, target: &str) -> String {
    format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
}

fn relations_of(relations: &str) -> String {
    format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">{relations}</Relationships>")
}

fn part_type(name: &str, kind: &str) -> String {
    format!("<Override PartName=\"/{name}\" ContentType=\"{TYPE}.{kind}+xml\"/>")
}
