//! The archive of a workbook, whose parts are looked through before the reader of workbooks reads them.
//!
//! That reader unpacks without a bound. So the bytes that it gets refuse to go to a part that was not looked through: then the
//! part is, and the reader begins again. Invariants: a part that passes has no more bytes than its bound, whatever the archive
//! states; the parts that the reader does not want are never unpacked.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use calamine::{Xlsx, XlsxError};
use zip::ZipArchive;
use zip::result::ZipError;

use super::cut::{Cut, CutCursor};
use super::scan::Scan;
use crate::progress::Watch;
use crate::source::{Bytes, Cursor};
use crate::{ReadError, ReadLimits};

pub(super) const FORMAT: &str = "XLSX";
/// Parts of an archive.
const PARTS: usize = 10_000;
/// Parts that the reader of workbooks wants before it reads cells.
const WANTED: usize = 32;
/// Bytes of a part that describes the workbook, without compression.
const PART_BYTES: u64 = 32 * 1024 * 1024;
/// The name of the part with the texts that cells share, without its case.
const STRINGS: &str = "sharedstrings.xml";
/// The attribute by which the reader of workbooks takes memory for texts.
const COUNT: &[u8] = b"uniqueCount";
/// A shared text has at least so many bytes of the part.
const TEXT: u64 = 5;
/// The end of the name of the part with the styles of cells, without its case.
const STYLES: &str = "styles.xml";
/// Bytes of the styles in memory.
const STYLE_BYTES: u64 = 1024 * 1024 * 1024;
/// Those of a style besides its texts.
const STYLE: u64 = 512;
/// Bytes that are unpacked at once.
const PIECE: usize = 64 * 1024;

/// The directory of an archive.
pub(super) struct Archive<'a> {
    bytes: &'a dyn Bytes,
    watch: &'a Watch<'a>,
    limits: ReadLimits,
    zip: RefCell<ZipArchive<CutCursor<'a>>>,
    cut: Rc<Cut>,
    /// The packed bytes of a worksheet that are looked through; `None`: all.
    kept: Cell<Option<u64>>,
    /// Whether a worksheet was looked through up to a cut.
    is_begin: Cell<bool>,
    /// The places of the parts by where they begin.
    begins: HashMap<u64, usize>,
    /// Formulas without a value in the worksheet that was looked through.
    without_value: Cell<u64>,
}

impl<'a> Archive<'a> {
    pub(super) fn open(
        bytes: &'a dyn Bytes,
        watch: &'a Watch<'a>,
        limits: &ReadLimits,
    ) -> Result<Self, ReadError> {
        let damaged = |problem: ZipError| archive_failed(&problem);
        let cut = Rc::new(Cut::default());
        let cursor = CutCursor::new(Cursor::new(bytes, watch), Rc::clone(&cut));
        let mut zip = ZipArchive::new(cursor).map_err(damaged)?;
        if zip.len() > PARTS {
            let limit = PARTS as u64;
            return Err(ReadError::Limit { what: "parts of a workbook", limit });
        }
        let mut begins = HashMap::with_capacity(zip.len());
        for at in 0..zip.len() {
            let begin = zip.by_index_raw(at).map_err(damaged)?.header_start();
            if begins.insert(begin, at).is_some() {
                return Err(ReadError::damaged(FORMAT, "two parts begin at one place"));
            }
        }
        let (zip, without_value) = (RefCell::new(zip), Cell::new(0));
        let (kept, is_begin, limits) = (Cell::new(None), Cell::new(false), *limits);
        Ok(Self { bytes, watch, limits, zip, cut, kept, is_begin, begins, without_value })
    }

    /// Unpacks a part and looks through it.
    fn look(&self, at: usize, is_worksheet: bool) -> Result<(), ReadError> {
        let mut zip = self.zip.borrow_mut();
        let damaged = |problem: String| ReadError::damaged(FORMAT, problem);
        let mut part = zip.by_index(at).map_err(|error| archive_failed(&error))?;
        if is_worksheet {
            let kept = part.data_start().and(self.kept.get());
            self.cut.keep(kept, part.data_start().unwrap_or_default(), part.compressed_size());
        }
        let name = String::from_utf8_lossy(part.name_raw()).into_owned();
        let lower = name.to_ascii_lowercase();
        let (is_strings, is_styles) = (lower.contains(STRINGS), lower.ends_with(STYLES));
        let name = crate::error::short(&name);
        let (what, limit) = match (is_worksheet, is_strings) {
            (true, _) => ("bytes of an unpacked worksheet", self.limits.unpacked_bytes),
            (_, true) => ("bytes of the shared texts of a workbook", self.limits.shared_text_bytes),
            _ => ("bytes of a part of a workbook", PART_BYTES.min(self.limits.unpacked_bytes)),
        };
        let too_large = || ReadError::Limit { what, limit };
        if part.size() > limit {
            return Err(too_large());
        }
        let (mut scan, mut styles) = (Scan::new(self.limits.row_bytes), Styles::default());
        let (mut total, mut kept, mut piece) = (0_u64, 0, vec![0; PIECE]);
        loop {
            let count = match part.read(&mut piece[kept..]) {
                Ok(count) => count,
                // What is cut off has no sound end.
                Err(_) if self.cut.is_met() => 0,
                Err(error) => return Err(damaged(error.to_string())),
            };
            if count == 0 {
                if is_worksheet {
                    self.without_value.set(scan.without_value());
                    self.is_begin.set(self.cut.take_met());
                }
                return Ok(());
            }
            total += count as u64;
            if total > limit {
                return Err(too_large());
            }
            let end = kept + count;
            if is_worksheet {
                scan.look(&piece[..end]).map_err(|problem| damaged(format!("{name} {problem}")))?;
            } else if is_styles {
                if styles.with(&piece[..end]) > STYLE_BYTES {
                    let what = "bytes in memory of the styles of a workbook";
                    return Err(ReadError::Limit { what, limit: STYLE_BYTES });
                }
            } else if is_strings {
                if counts(&piece[..end]).is_some_and(|texts| texts > limit / TEXT) {
                    return Err(too_large());
                }
                // The attribute may stand on the border of two pieces.
                kept = end.min(PIECE / 2);
                piece.copy_within(end - kept..end, 0);
            }
        }
    }
}

/// The elements of the part with the styles, and the longest one. The reader of workbooks keeps a copy of a font and of the form
/// of numbers for each style.
#[derive(Default)]
struct Styles {
    elements: u64,
    longest: u64,
    /// Bytes since the last element began.
    since: u64,
}

impl Styles {
    /// The most memory that the styles take, with further bytes of the part.
    fn with(&mut self, bytes: &[u8]) -> u64 {
        for byte in bytes {
            if *byte == b'<' {
                self.elements += 1;
                self.since = 0;
            } else {
                self.since += 1;
                self.longest = self.longest.max(self.since);
            }
        }
        self.elements.saturating_mul(self.longest + STYLE)
    }
}

/// The largest number of texts that these bytes state.
fn counts(bytes: &[u8]) -> Option<u64> {
    let places = bytes.windows(COUNT.len()).enumerate().filter(|(_, part)| *part == COUNT);
    let number =
        |(at, _): (usize, &[u8])| {
            let rest = bytes.get(at + COUNT.len()..)?.iter();
            let is_between = |byte: &&u8| byte.is_ascii_whitespace() || b"=\"'".contains(byte);
            let digits = rest.skip_while(is_between).take_while(|byte| byte.is_ascii_digit());
            Some(digits.fold(0_u64, |sum, byte| {
                sum.saturating_mul(10).saturating_add((byte - b'0').into())
            }))
        };
    places.filter_map(number).max()
}

/// What the bytes for the reader of workbooks share with the archive.
#[derive(Default)]
struct Gate {
    /// Where parts begin that were looked through.
    open: HashSet<u64>,
    /// The begin of a part that the reader wanted, and that was not.
    wanted: Option<u64>,
    /// Where the worksheet begins that was looked through.
    worksheet: Option<u64>,
}

/// The parts of a workbook.
pub(super) struct Parts<'a> {
    archive: Rc<Archive<'a>>,
    gate: Rc<RefCell<Gate>>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(archive: Archive<'a>) -> Self {
        Self { archive: Rc::new(archive), gate: Rc::default() }
    }

    /// Opens the workbook.
    pub(super) fn open(&self) -> Result<Xlsx<Part<'a>>, ReadError> {
        use calamine::Reader as _;
        self.retry(false, || Xlsx::new(self.part()))
    }

    /// Looks through a worksheet, or through so many of its packed bytes: the reader gets those alone then. It is the same worksheet
    /// each time.
    pub(super) fn look_at(
        &self,
        book: &mut Xlsx<Part<'a>>,
        worksheet: &str,
        kept: Option<u64>,
    ) -> Result<(), ReadError> {
        self.archive.kept.set(kept);
        let looked = self.gate.borrow().worksheet;
        if let Some(&at) = looked.and_then(|begin| self.archive.begins.get(&begin)) {
            // The reader knows by now where the content begins, and comes to the begin of the part no more.
            return self.archive.look(at, true);
        }
        self.retry(true, || book.worksheet_cells_reader(worksheet).map(drop))
    }

    /// Whether the reader has come to the end of what it gets of a worksheet, since this was asked last.
    pub(super) fn is_cut_met(&self) -> bool {
        self.archive.cut.take_met()
    }

    /// A sentence about the formulas of the worksheet that was looked through.
    pub(super) fn doubt(&self) -> Option<String> {
        let advice = "open and save the workbook in a spreadsheet program";
        let place = if self.archive.is_begin.get() { " in the begin of the worksheet" } else { "" };
        match self.archive.without_value.get() {
            0 => None,
            1 => Some(format!("1 formula{place} has no value, so its cell is empty; {advice}")),
            count => Some(format!(
                "{count} formulas{place} have no value, so their cells are empty; {advice}"
            )),
        }
    }

    fn part(&self) -> Part<'a> {
        let cursor = Cursor::new(self.archive.bytes, self.archive.watch);
        let cursor = CutCursor::new(cursor, Rc::clone(&self.archive.cut));
        Part { cursor, archive: Rc::clone(&self.archive), gate: Rc::clone(&self.gate) }
    }

    /// Does the work again as often as it wants a part that was not looked through.
    fn retry<T>(
        &self,
        is_worksheet: bool,
        mut work: impl FnMut() -> Result<T, XlsxError>,
    ) -> Result<T, ReadError> {
        for _ in 0..WANTED {
            let done = work();
            let Some(begin) = self.gate.borrow_mut().wanted.take() else {
                return done.map_err(|error| failed(&error));
            };
            let at = self.archive.begins.get(&begin).copied().unwrap_or_default();
            self.archive.look(at, is_worksheet)?;
            let mut gate = self.gate.borrow_mut();
            gate.open.insert(begin);
            if is_worksheet {
                gate.worksheet = Some(begin);
            }
        }
        Err(ReadError::Limit { what: "parts that describe a workbook", limit: WANTED as u64 })
    }
}

/// An error of the reader of workbooks.
pub(super) fn failed(error: &XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::Unknown("a workbook with a password"),
        XlsxError::Zip(error) => archive_failed(error),
        error => ReadError::damaged(FORMAT, error),
    }
}

/// An error of the reader of archives, whose words are those of programs.
fn archive_failed(error: &ZipError) -> ReadError {
    match error {
        ZipError::InvalidArchive(_) => {
            ReadError::damaged(FORMAT, "its archive is not whole, so it may be cut off or changed")
        }
        error => ReadError::damaged(FORMAT, error),
    }
}

/// The bytes of the archive for the reader of workbooks.
pub(super) struct Part<'a> {
    cursor: CutCursor<'a>,
    archive: Rc<Archive<'a>>,
    gate: Rc<RefCell<Gate>>,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cursor.read(buffer)
    }
}

impl Seek for Part<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.cursor.seek(to)?;
        let mut gate = self.gate.borrow_mut();
        if self.archive.begins.contains_key(&at) && !gate.open.contains(&at) {
            gate.wanted.get_or_insert(at);
            return Err(io::Error::other("this part was not looked through"));
        }
        Ok(at)
    }
}
