//! Tables of JSON: objects one by one, each on a line or in an array.
//!
//! Columns are the keys in the order in which they appear in the first rows. A text stays text, a nested value is its text, and
//! a number is one if its exact text has the same digits. Keys that appear later are in a last column.
//!
//! Invariants: one object is in memory at a time, and the first rows until the kinds are known; the sizes of the pieces change
//! nothing. Of equal keys in one object the last one counts.

mod object;
mod split;

use std::collections::HashMap;
use std::sync::Arc;

use ot_engine::Value;

use crate::formats::shape::{SAMPLE_BYTES, SAMPLE_ROWS, Seen, Shape, too_large_other};
use crate::progress::Watch;
use crate::report::{LONG_LINE, PREVIEW_ROWS, Preview, Report};
use crate::source::{Bytes, begin, read_exact_at};
use crate::write::{RowWriter, Sink, Sizes};
use crate::{Format, Options, ReadError};
use object::{Member, Reader};
use split::Splitter;

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;
/// Bytes that a preview reads.
const PREVIEW: usize = 256 * 1024;
/// Why a value belongs to no column.
const WHY: &str = "whose keys are not in the first rows";

pub(crate) fn read(
    bytes: &dyn Bytes,
    options: &Options,
    sink: Sink<'_>,
    watch: &Watch<'_>,
    sizes: Sizes,
) -> Result<Report, ReadError> {
    let mut splitter = Splitter::new(options.limits.row_bytes);
    let mut rows = Rows::new(options);
    let (mut sink, mut writer) = (Some(sink), None::<RowWriter<'_>>);
    let (mut piece, mut at, mut row) = (vec![0; PIECE], 0, Vec::new());
    loop {
        let count = usize::try_from(bytes.len() - at).unwrap_or(usize::MAX).min(PIECE);
        read_exact_at(bytes, at, &mut piece[..count]).map_err(ReadError::Source)?;
        at += count as u64;
        watch.has_read(count).map_err(|_| ReadError::Stopped)?;
        let mut rest = &piece[..count];
        while let Some((object, line)) = splitter.next(&mut rest)? {
            let places = writer.is_some().then_some(&rows.places);
            let members = rows.reader.read(object, line, places)?;
            match &mut writer {
                Some(writer) => {
                    rows.place(members, line, &mut row)?;
                    writer.push(&row)?;
                }
                None => rows.sample(members, line, object.len())?,
            }
            if writer.is_none()
                && rows.is_sampled()
                && let Some(sink) = sink.take()
            {
                writer = Some(rows.begin(true, sink, watch, sizes)?);
            }
        }
        if count == 0 {
            splitter.finish()?;
            break;
        }
    }
    let mut writer = match (writer, sink) {
        (Some(writer), _) => writer,
        (None, Some(sink)) => rows.begin(false, sink, watch, sizes)?,
        (None, None) => return Err(ReadError::damaged("JSON", "it has no rows")),
    };
    if rows.with_other && !rows.shape.has_others() {
        writer.drop_last_column();
    }
    let written = writer.finish()?;
    Ok(Report {
        format: Format::JsonLines,
        columns: written.columns,
        misfits: written.misfits,
        rows: written.rows,
        doubts: rows.shape.doubts(WHY),
        repaired_rows: rows.reader.repaired_rows,
        bytes_written: written.bytes,
    })
}

pub(crate) fn preview(bytes: &dyn Bytes, options: &Options) -> Result<Preview, ReadError> {
    let head = begin(bytes, PREVIEW).map_err(ReadError::Source)?;
    let (mut splitter, mut rest) = (Splitter::new(options.limits.row_bytes), &head[..]);
    let mut rows = Rows::new(options);
    while let Some((object, line)) = splitter.next(&mut rest)? {
        let members = rows.reader.read(object, line, None)?;
        rows.sample(members, line, object.len())?;
        if rows.is_sampled() {
            break;
        }
    }
    let is_cut = (head.len() as u64) < bytes.len();
    if !is_cut && rest.is_empty() {
        splitter.finish()?;
    }
    let sampled = rows.settle();
    let has_long_line = is_cut && sampled.is_empty();
    let mut row = Vec::new();
    let placed = sampled.into_iter().take(PREVIEW_ROWS).map(|(line, members)| {
        rows.place(members, line, &mut row)?;
        Ok(row.clone())
    });
    let placed: Vec<Vec<Value>> = placed.collect::<Result<_, ReadError>>()?;
    let mut doubts = rows.shape.doubts(WHY);
    doubts.extend(has_long_line.then(|| LONG_LINE.to_owned()));
    Ok(Preview {
        columns: rows.shape.columns(false),
        rows: placed,
        doubts,
        encoding: Some("utf-8".to_owned()),
        has_header: true,
        ..Preview::of(Format::JsonLines)
    })
}

/// The rows of a file: first as a sample, then one by one.
struct Rows<'a> {
    options: &'a Options,
    reader: Reader<'a>,
    /// The columns by their keys.
    places: HashMap<Arc<str>, usize>,
    names: Vec<(Arc<str>, Seen)>,
    /// The first rows with their lines.
    sampled: Vec<(u64, Vec<Member>)>,
    sampled_bytes: usize,
    shape: Shape,
    with_other: bool,
}

impl<'a> Rows<'a> {
    fn new(options: &'a Options) -> Self {
        Self {
            options,
            reader: Reader::new(options),
            places: HashMap::new(),
            names: Vec::new(),
            sampled: Vec::new(),
            sampled_bytes: 0,
            shape: Shape::new([], options),
            with_other: false,
        }
    }

    fn sample(&mut self, members: Vec<Member>, line: u64, bytes: usize) -> Result<(), ReadError> {
        for member in &members {
            let at = match self.places.get(&member.key) {
                Some(at) => *at,
                None => {
                    let at = self.names.len();
                    if at >= self.options.limits.columns {
                        let limit = self.options.limits.columns as u64;
                        return Err(ReadError::Limit { what: "columns of a table", limit });
                    }
                    self.names.push((Arc::clone(&member.key), Seen::default()));
                    self.places.insert(Arc::clone(&member.key), at);
                    at
                }
            };
            if let Some((_, seen)) = self.names.get_mut(at) {
                seen.see(&member.value);
            }
        }
        self.sampled_bytes += bytes;
        self.sampled.push((line, members));
        Ok(())
    }

    fn is_sampled(&self) -> bool {
        self.sampled.len() >= SAMPLE_ROWS || self.sampled_bytes >= SAMPLE_BYTES
    }

    /// Decides the kinds; the rows of the sample.
    fn settle(&mut self) -> Vec<(u64, Vec<Member>)> {
        self.shape = Shape::new(std::mem::take(&mut self.names), self.options);
        std::mem::take(&mut self.sampled)
    }

    /// Begins the table with the rows of the sample; `with_other`: more rows follow.
    fn begin<'b>(
        &mut self,
        with_other: bool,
        sink: Sink<'b>,
        watch: &'b Watch<'b>,
        sizes: Sizes,
    ) -> Result<RowWriter<'b>, ReadError> {
        let sampled = self.settle();
        self.with_other = with_other;
        let columns = self.shape.columns(self.with_other);
        let mut writer = RowWriter::new(sink, columns, &self.options.limits, watch, sizes)?;
        let mut row = Vec::new();
        for (line, members) in sampled {
            self.place(members, line, &mut row)?;
            writer.push(&row)?;
        }
        Ok(writer)
    }

    /// The members of the object on a line as a row.
    fn place(
        &mut self,
        members: Vec<Member>,
        line: u64,
        row: &mut Vec<Value>,
    ) -> Result<(), ReadError> {
        let most = self.options.limits.cell_bytes;
        row.clear();
        row.resize(self.shape.width(), Value::Empty);
        let mut others = String::new();
        for Member { key, value, raw } in members {
            match self.places.get(&key) {
                Some(at) => {
                    let value = self.shape.fit(*at, value);
                    if let Some(cell) = row.get_mut(*at) {
                        *cell = value;
                    }
                }
                None => {
                    others.push(if others.is_empty() { '{' } else { ',' });
                    // A text is always one of JSON.
                    others += &serde_json::to_string(&*key).unwrap_or_default();
                    others.push(':');
                    others += raw.as_deref().unwrap_or("null");
                    // With the bracket that closes it.
                    if others.len() >= most {
                        return Err(ReadError::Line { line, problem: too_large_other(most) });
                    }
                }
            }
        }
        if !others.is_empty() {
            others.push('}');
            self.shape.count_other();
            row.push(Value::from(&*others));
        }
        Ok(())
    }
}
