//! Tables of Parquet files of other programs: each type, each codec, and files that are hostile.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    StructArray, Time64NanosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use ot_engine::{ColumnKind, Value};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::data_type::{FixedLenByteArray, FixedLenByteArrayType, Int96, Int96Type};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::{kept, rows_of, table_of};
use crate::{Format, Options, ReadLimits, Stop, preview};

/// A Parquet file of these columns.
pub(super) fn file_by(
    columns: Vec<(&str, ArrayRef)>,
    properties: WriterPropertiesBuilder,
) -> Vec<u8> {
    let field =
        |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("a batch");
    let mut out = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut out, schema, Some(properties.build())).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    out
}

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    file_by(columns, WriterProperties::builder())
}

/// The kind and the only cell of a file of one column.
fn only(array: impl arrow_array::Array + 'static) -> (ColumnKind, Value) {
    let file = file(vec![("x", Arc::new(array) as ArrayRef)]);
    let (report, table) = table_of(&file, "x", &Options::default()).expect("a table");
    assert_eq!((report.format, report.rows), (Format::Parquet, 1));
    let value = rows_of(&table)[0][0].clone();
    let seen = preview(&kept(file), "x", &Options::default(), &Stop::default()).expect("a preview");
    assert_eq!((&seen.rows, seen.row_count), (&vec![vec![value.clone()]], Some(1)));
    (report.columns[0].kind, value)
}

#[test]
fn numbers_stay_what_they_are() {
    let kind = ColumnKind::Number;
    assert_eq!(only(Int64Array::from(vec![-5])), (kind, Value::Number(-5.0)));
    let large = Value::from("18446744073709551615");
    assert_eq!(only(UInt64Array::from(vec![u64::MAX])), (ColumnKind::Text, large));
    assert_eq!(only(Float32Array::from(vec![0.1])), (kind, Value::Number(0.1)));
    assert_eq!(only(Float64Array::from(vec![f64::INFINITY])), (kind, Value::from("inf")));
    let decimal = Decimal128Array::from(vec![99_999_999_999_999_999_999_999_999_999_i128]);
    let decimal = decimal.with_precision_and_scale(38, 9).expect("in range");
    assert_eq!(only(decimal), (kind, Value::from("99999999999999999999.999999999")));
}

#[test]
fn a_column_of_numbers_that_are_too_long_is_one_of_texts() {
    let most = 1_i64 << 53;
    let read = |array: ArrayRef| {
        let file = file(vec![("id", array)]);
        let (report, table) = table_of(&file, "x", &Options::default()).expect("a table");
        (report.columns[0].kind, report.doubts, rows_of(&table).concat())
    };
    let (kind, doubts, rows) = read(Arc::new(Int64Array::from(vec![1, most, most + 1])));
    assert_eq!(kind, ColumnKind::Text);
    assert!(doubts.iter().any(|doubt| doubt.contains("all of its values are texts")), "{doubts:?}");
    assert_eq!(rows, ["1", "9007199254740992", "9007199254740993"].map(Value::from));
    let (kind, doubts, _) = read(Arc::new(Int64Array::from(vec![-most, most])));
    assert_eq!((kind, doubts), (ColumnKind::Number, Vec::new()));
    for (unscaled, expected) in
        [(999_999_999_999_999, ColumnKind::Number), (1_000_000_000_000_000, ColumnKind::Text)]
    {
        let decimal = Decimal128Array::from(vec![unscaled]).with_precision_and_scale(18, 4);
        let (kind, _, rows) = read(Arc::new(decimal.expect("in range")));
        assert_eq!(kind, expected, "{unscaled}");
        let text = Value::from("100000000000");
        assert!(kind == ColumnKind::Number || rows == [text], "{rows:?}");
    }
}

#[test]
fn times_stay_what_they_are() {
    let last = Date32Array::from(vec![2_932_896]);
    assert_eq!(only(last), (ColumnKind::Date, Value::Date(2_932_896)));
    let year_0 = Date32Array::from(vec![-719_163]);
    assert_eq!(only(year_0), (ColumnKind::Date, Value::from("0000-12-31")));
    let nanos = TimestampNanosecondArray::from(vec![1]);
    let text = Value::from("1970-01-01 00:00:00.000000001");
    assert_eq!(only(nanos), (ColumnKind::LocalDateTime, text));
    let zoned = TimestampMillisecondArray::from(vec![1500]).with_timezone("Europe/Berlin");
    assert_eq!(only(zoned), (ColumnKind::Instant, Value::Instant(1_500_000)));
    let time = Time64NanosecondArray::from(vec![3_661_000_000_000]);
    assert_eq!(only(time), (ColumnKind::Text, Value::from("01:01:01")));
}

#[test]
fn texts_and_bytes_are_texts() {
    let dictionary: DictionaryArray<Int32Type> = ["é"].into_iter().collect();
    assert_eq!(only(dictionary), (ColumnKind::Text, Value::from("é")));
    let bytes = BinaryArray::from(vec![&b"\xff\x00"[..]]);
    assert_eq!(only(bytes), (ColumnKind::Text, Value::from("0xff00")));
    let fixed = FixedSizeBinaryArray::try_from_iter([b"ab"].into_iter()).expect("fixed");
    assert_eq!(only(fixed), (ColumnKind::Text, Value::from("0x6162")));
    let nul = StringArray::from(vec!["a\0b"]);
    assert_eq!(only(nul), (ColumnKind::Text, Value::from("a\u{fffd}b")));
    assert_eq!(only(BooleanArray::from(vec![true])), (ColumnKind::Bool, Value::Bool(true)));
}

#[test]
fn nested_values_are_json() {
    let mut list = ListBuilder::new(Int32Builder::new());
    list.append_value([Some(1), None, Some(3)]);
    let list: ArrayRef = Arc::new(list.finish());
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("k\"");
    map.values().append_value(7);
    map.append(true).expect("a map");
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let fields = vec![
        (Arc::new(Field::new("l", list.data_type().clone(), true)), list),
        (Arc::new(Field::new("t", DataType::Utf8, true)), text),
    ];
    let nested = StructArray::from(fields);
    let json = Value::from("{\"l\":[1,null,3],\"t\":\"x\"}");
    assert_eq!(only(nested), (ColumnKind::Text, json));
    assert_eq!(only(map.finish()), (ColumnKind::Text, Value::from("{\"k\\\"\":7}")));
}

#[test]
fn times_of_int96_reach_beyond_nanoseconds() {
    let schema = Arc::new(parse_message_type("message m { optional int96 t; }").expect("a schema"));
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("readable").expect("a column");
    let mut time = Int96::new();
    // Julian days: 9999-12-31, at one second past noon.
    let nanos = 43_201_000_000_000_u64;
    time.set_data(
        u32::try_from(nanos & 0xffff_ffff).expect("low"),
        u32::try_from(nanos >> 32).expect("high"),
        2_440_588 + 2_932_896,
    );
    column.typed::<Int96Type>().write_batch(&[time], Some(&[1]), None).expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");
    let (report, table) = table_of(&out, "x", &Options::default()).expect("a table");
    let micros = (2_932_896 * 86_400 + 43_201) * 1_000_000;
    assert_eq!(rows_of(&table), [[Value::LocalDateTime(micros)]]);
    assert_eq!(report.doubts, ["times of \"t\" are of INT96, and were read to the microsecond"]);
}

#[test]
fn uuids_are_read_in_their_groups_of_digits() {
    let schema = "message m { required fixed_len_byte_array(16) u (UUID); }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("readable").expect("a column");
    let bytes = FixedLenByteArray::from((0xa0..=0xaf).collect::<Vec<u8>>());
    column.typed::<FixedLenByteArrayType>().write_batch(&[bytes], None, None).expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");
    let (report, table) = table_of(&out, "x", &Options::default()).expect("a table");
    assert_eq!(rows_of(&table), [[Value::from("a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf")]]);
    assert_eq!(report.doubts, [""; 0]);
}

#[test]
fn each_codec_is_read() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for codec in codecs {
        let texts: ArrayRef =
            Arc::new(StringArray::from_iter_values((0..500).map(|at| at.to_string())));
        let file = file_by(vec![("x", texts)], WriterProperties::builder().set_compression(codec));
        let (_, table) = table_of(&file, "x", &Options::default()).expect("a table");
        assert_eq!(
            table.rows_at(499, 1, &[0], 99).expect("rows"),
            [[Value::from("499")]],
            "{codec}"
        );
    }
}

#[test]
fn chosen_kinds_and_odd_names_are_kept() {
    let days: ArrayRef = Arc::new(StringArray::from(vec!["2024-05-01", "soon", "5"]));
    let empty: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>; 3]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let file = file(vec![("a", days), ("", empty), ("a", numbers)]);
    let kinds = vec![Some(ColumnKind::Date), None, Some(ColumnKind::Text)];
    let (report, table) =
        table_of(&file, "x", &Options { kinds, ..Options::default() }).expect("a table");
    let names: Vec<&str> = report.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["a", "", "a"]);
    assert_eq!(report.doubts, ["2 values of \"a\" do not fit their kind and stay text"]);
    let rows = rows_of(&table);
    assert_eq!(rows[0], [Value::Date(19_844), Value::Empty, Value::from("1")]);
    assert_eq!(rows[2], [Value::from("5"), Value::Empty, Value::from("3")]);
}

#[test]
fn limits_are_named() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["ok".to_owned(), "x".repeat(2_000_000)]));
    let long = file(vec![("x", text)]);
    let error = table_of(&long, "x", &Options::default()).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "row 2: a value of \"x\" has more than 1048576 bytes, the most of a cell"
    );
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let wide = file((0..20_000).map(|_| ("x", Arc::clone(&one))).collect());
    let error = table_of(&wide, "x", &Options::default()).expect_err("refused");
    assert_eq!(error.to_string(), "columns of a table: more than 16384, the most that is read");
    let schema = Arc::new(parse_message_type("message m { }").expect("a schema"));
    let mut none = Vec::new();
    let writer = SerializedFileWriter::new(&mut none, schema, Arc::default()).expect("a writer");
    writer.close().expect("closed");
    let (report, _) = table_of(&none, "x", &Options::default()).expect("a table");
    assert_eq!((report.rows, report.columns.len()), (0, 0));
    let limits = ReadLimits { rows: 1, page_bytes: 1000, ..ReadLimits::DEFAULT };
    let small = Options { limits, ..Options::default() };
    assert_eq!(table_of(&long, "x", &small).expect_err("refused").reason(), "TABLE_LIMIT");
    let one_long: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(2_000)]));
    let error = table_of(&file(vec![("x", one_long)]), "x", &small).expect_err("refused");
    assert_eq!(error.reason(), "TABLE_LIMIT");
    assert!(
        error.to_string().contains("smaller pages or groups of rows): more than 1000,"),
        "{error}"
    );
}

#[test]
fn texts_that_repeat_the_one_before_have_small_pages() {
    let texts =
        StringArray::from_iter_values((0..60).map(|at| format!("{}{at}", "x".repeat(100_000))));
    let packed = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(64 << 20);
    let plain = file_by(vec![("x", Arc::new(texts.clone()) as ArrayRef)], packed.clone());
    assert!(table_of(&plain, "x", &Options::default()).is_ok());
    let delta = packed.set_encoding(Encoding::DELTA_BYTE_ARRAY);
    let delta = file_by(vec![("x", Arc::new(texts) as ArrayRef)], delta);
    let (report, _) = table_of(&delta, "x", &Options::default()).expect("a page of few bytes");
    assert_eq!(report.rows, 60);
    let others =
        StringArray::from_iter_values((0..60).map(|at| format!("{at}{}", "x".repeat(100_000))));
    let packed = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(64 << 20)
        .set_encoding(Encoding::DELTA_BYTE_ARRAY);
    let large = file_by(vec![("x", Arc::new(others) as ArrayRef)], packed);
    let error = table_of(&large, "x", &Options::default()).expect_err("refused");
    assert_eq!(error.reason(), "TABLE_LIMIT");
    assert!(error.to_string().contains("more than 4194304, the most that is read"), "{error}");
}

fn sound() -> Vec<u8> {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..200));
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..200).map(|at| format!("text {}", at % 7))));
    let mut lists = ListBuilder::new(StringBuilder::new());
    (0..200).for_each(|at| lists.append_value([Some(format!("{at}")), None]));
    let lists: ArrayRef = Arc::new(lists.finish());
    file_by(
        vec![("n", numbers), ("t", texts), ("l", lists)],
        WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_data_page_row_count_limit(50),
    )
}

#[test]
fn nested_columns_of_many_pages_are_read_whole() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for codec in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
            let mut lists = ListBuilder::new(Int32Builder::new());
            (0..2000).for_each(|at| lists.append_value([Some(at), None]));
            let lists: ArrayRef = Arc::new(lists.finish());
            let properties = WriterProperties::builder()
                .set_writer_version(version)
                .set_compression(codec)
                .set_dictionary_enabled(false)
                .set_write_batch_size(10)
                .set_data_page_row_count_limit(50);
            let file = file_by(vec![("l", lists)], properties);
            let (_, table) = table_of(&file, "x", &Options::default()).expect("a table");
            let rows = rows_of(&table);
            assert_eq!((rows.len(), &rows[1999][0]), (2000, &Value::from("[1999,null]")));
        }
    }
}

#[test]
fn a_file_that_is_cut_is_an_error() {
    let sound = sound();
    for end in (12..sound.len()).step_by(11).chain(sound.len() - 40..sound.len()) {
        let error = table_of(&sound[..end], "x", &Options::default()).expect_err("an error");
        assert_eq!(error.reason(), "TABLE_DAMAGED", "{end}: {error}");
    }
}

#[test]
fn a_footer_that_states_too_much_is_refused_before_it_is_read() {
    let frame = |footer: &[u8]| {
        let length = u32::try_from(footer.len()).expect("short").to_le_bytes();
        [b"PAR1\x15", footer, &length, b"PAR1"].concat()
    };
    // A schema whose groups nest a million times.
    let mut deep = vec![0x15, 2, 0x19, 0xfc, 0xc0, 0x84, 0x3d];
    (0..1_000_000).for_each(|_| deep.extend([0x48, 1, b'x', 0x15, 2, 0]));
    // A list of two thousand million elements.
    let many = [0x15, 2, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 7];
    // As many groups of rows behind a sound schema.
    let groups =
        [0x15, 2, 0x19, 0x1c, 0x48, 1, b'm', 0x15, 0, 0, 0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 7, 0];
    for footer in [&deep[..], &many, &groups, &[], &[0], &[0xff; 100]] {
        let error = table_of(&frame(footer), "x", &Options::default()).expect_err("an error");
        assert_eq!(error.reason(), "TABLE_DAMAGED", "{error}");
    }
    let limits = ReadLimits { footer_bytes: 10, ..ReadLimits::DEFAULT };
    let small = Options { limits, ..Options::default() };
    assert_eq!(table_of(&sound(), "x", &small).expect_err("an error").reason(), "TABLE_LIMIT");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn flipped_bytes_are_rows_or_errors(flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4)) {
        let mut bytes = sound();
        for (at, by) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= by;
        }
        let format = Some(Format::Parquet);
        drop(table_of(&bytes, "x", &Options { format, ..Options::default() }));
    }
}
