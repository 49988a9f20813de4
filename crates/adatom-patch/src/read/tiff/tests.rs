//! Tests of the TIFF reader on files that are built here, byte by byte where an encoder cannot produce them.

use super::super::{decode_bytes, survive_damage};
use ndarray::arr2;
use std::io::Cursor;
use tiff::encoder::{Compression, TiffEncoder, colortype};
use tiff::tags::Tag;

/// A tag, its type and its values.
type Entry = (u16, u16, Vec<u32>);

/// A little-endian file of uncompressed pages: their tags and pixels. Pixels are one strip, one tile where
/// tag 322 states its width, or three planes where tag 284 is 2.
fn build(pages: &[(Vec<Entry>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    let last = pages.len() - 1;
    for (number, (tags, pixels)) in pages.iter().enumerate() {
        let has = |tag: u16, value: Option<u32>| {
            tags.iter()
                .any(|(found, _, values)| *found == tag && value.is_none_or(|value| values[0] == value))
        };
        let (offsets, lengths) = if has(322, None) { (324, 325) } else { (273, 279) };
        let parts = if has(284, Some(2)) { 3 } else { 1 };
        let part = pixels.len() / parts;
        let mut all = tags.clone();
        all.push((offsets, 4, vec![0; parts]));
        all.push((lengths, 4, vec![part.try_into().unwrap(); parts]));
        all.sort_by_key(|(tag, ..)| *tag);

        let outside = bytes.len() + 2 + 12 * all.len() + 4;
        let beside: usize =
            all.iter().map(|(_, kind, values)| stored(*kind, values).len()).filter(|&l| l > 4).sum();
        let at = |index: usize| u32::try_from(outside + beside + index * part).unwrap();
        bytes.extend(u16::try_from(all.len()).unwrap().to_le_bytes());
        let mut data = Vec::new();
        for (tag, kind, values) in all {
            let values = if tag == offsets { (0..parts).map(at).collect() } else { values };
            let value = stored(kind, &values);
            let count = if kind == 5 { values.len() / 2 } else { values.len() };
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(u32::try_from(count).unwrap().to_le_bytes());
            if value.len() <= 4 {
                bytes.extend(&value);
                bytes.resize(bytes.len() + 4 - value.len(), 0);
            } else {
                bytes.extend(u32::try_from(outside + data.len()).unwrap().to_le_bytes());
                data.extend(value);
            }
        }
        let next = if number == last { 0 } else { bytes.len() + 4 + data.len() + pixels.len() };
        bytes.extend(u32::try_from(next).unwrap().to_le_bytes());
        bytes.extend(data);
        bytes.extend(pixels);
    }
    bytes
}

fn stored(kind: u16, values: &[u32]) -> Vec<u8> {
    match kind {
        1 | 2 => values.iter().map(|&x| u8::try_from(x).unwrap()).collect(),
        3 => values.iter().flat_map(|&x| u16::try_from(x).unwrap().to_le_bytes()).collect(),
        _ => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

fn grey(extent: [u32; 2], bits: u32, format: u32) -> Vec<Entry> {
    vec![
        (256, 4, vec![extent[1]]),
        (257, 4, vec![extent[0]]),
        (258, 3, vec![bits]),
        (259, 3, vec![1]),
        (262, 3, vec![1]),
        (277, 3, vec![1]),
        (278, 4, vec![extent[0]]),
        (339, 3, vec![format]),
    ]
}

fn text(tag: u16, words: &str) -> Entry {
    (tag, 2, words.bytes().chain([0]).map(u32::from).collect())
}

fn with(mut tags: Vec<Entry>, more: &[Entry]) -> Vec<Entry> {
    tags.retain(|(tag, ..)| more.iter().all(|(new, ..)| new != tag));
    tags.extend_from_slice(more);
    tags
}

#[test]
fn every_kind_of_grey_keeps_its_values() {
    let cases: [(u32, u32, Vec<u8>); 7] = [
        (8, 1, vec![3, 200]),
        (8, 2, vec![3, 0xff]),
        (16, 2, [3i16, -7].iter().flat_map(|x| x.to_le_bytes()).collect()),
        (32, 1, [3u32, 70_000].iter().flat_map(|x| x.to_le_bytes()).collect()),
        (
            16,
            3,
            [half::f16::from_f32(3.0), half::f16::from_f32(-0.5)]
                .iter()
                .flat_map(|x| x.to_le_bytes())
                .collect(),
        ),
        (32, 3, [3f32, -0.25].iter().flat_map(|x| x.to_le_bytes()).collect()),
        (64, 3, [3f64, 1e3].iter().flat_map(|x| x.to_le_bytes()).collect()),
    ];
    let second = [200.0, -1.0, -7.0, 70_000.0, -0.5, -0.25, 1e3];
    for ((bits, format, pixels), second) in cases.into_iter().zip(second) {
        let images = decode_bytes(&build(&[(grey([1, 2], bits, format), pixels)])).unwrap();
        assert_eq!(images[0].pixels(), arr2(&[[3.0, second]]), "{bits} bits of format {format}");
    }
    let images = decode_bytes(&build(&[(grey([2, 3], 2, 1), vec![0b11_01_10_00, 0b00_01_10_11])])).unwrap();
    assert_eq!(images[0].pixels(), arr2(&[[3.0, 1.0, 2.0], [0.0, 1.0, 2.0]]));
    let white = with(grey([1, 2], 8, 1), &[(262, 3, vec![0])]);
    assert_eq!(decode_bytes(&build(&[(white, vec![0, 255])])).unwrap()[0].pixels(), arr2(&[[255.0, 0.0]]));
}

#[test]
fn colour_becomes_luminance_in_both_arrangements() {
    let colour = |arrangement: u32, pixels: Vec<u8>| {
        let tags = with(
            grey([1, 2], 8, 1),
            &[(258, 3, vec![8; 3]), (262, 3, vec![2]), (277, 3, vec![3]), (284, 3, vec![arrangement])],
        );
        let tags: Vec<_> = tags.into_iter().filter(|(tag, ..)| *tag != 339).collect();
        decode_bytes(&build(&[(tags, pixels)]))
    };
    assert_eq!(colour(1, vec![5, 5, 5, 0, 100, 0]).unwrap()[0].pixels(), arr2(&[[5.0, 58.7]]));
    assert_eq!(colour(2, vec![5, 0, 5, 100, 5, 0]).unwrap()[0].pixels(), arr2(&[[5.0, 58.7]]));
}

/// A 3 x 5 image in one tile of 16 x 16.
fn tiled() -> Vec<u8> {
    let tags = with(grey([3, 5], 8, 1), &[(322, 3, vec![16]), (323, 3, vec![16])]);
    let tags = tags.into_iter().filter(|(tag, ..)| *tag != 278).collect();
    build(&[(tags, (0..=255).collect())])
}

#[test]
fn a_tile_may_be_larger_than_the_image() {
    let images = decode_bytes(&tiled()).unwrap();
    let rows = [[0.0, 1.0, 2.0, 3.0, 4.0], [16.0, 17.0, 18.0, 19.0, 20.0], [32.0, 33.0, 34.0, 35.0, 36.0]];
    assert_eq!(images[0].pixels(), arr2(&rows));
}

#[test]
fn pages_are_a_stack_without_reduced_copies() {
    let page = |value: u8| (grey([1, 2], 8, 1), vec![value, value]);
    let thumbnail = (with(grey([1, 1], 8, 1), &[(254, 4, vec![1])]), vec![9]);
    let images = decode_bytes(&build(&[page(1), thumbnail, page(2)])).unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!(images[1].pixels(), arr2(&[[2.0, 2.0]]));
    let other = (grey([2, 1], 8, 1), vec![0, 0]);
    assert_eq!(
        decode_bytes(&build(&[page(1), other])).unwrap_err().to_string(),
        "memory: frame 1 has 2 x 1 pixels, frame 0 has 1 x 2"
    );
}

#[test]
fn pixel_sizes_are_believed_where_they_can_be_true() {
    let size = |more: &[Entry]| {
        let bytes = build(&[(with(grey([1, 1], 8, 1), more), vec![0])]);
        decode_bytes(&bytes).unwrap()[0].pixel_size().map(ToString::to_string)
    };
    let resolution = |per_unit: u32, unit: u32| {
        [(282, 5, vec![per_unit, 1]), (283, 5, vec![per_unit, 1]), (296, 3, vec![unit])]
    };
    let imagej = |words: &str| [vec![text(270, words)], resolution(20, 1).to_vec()].concat();
    assert_eq!(size(&imagej("ImageJ=1.51a\nunit=nm\n")).as_deref(), Some("50 pm"));
    assert_eq!(size(&imagej("ImageJ=1.51a\nunit=pixel\n")), None);
    assert_eq!(size(&imagej("ImageJ=1.51a\n")), None);
    assert_eq!(size(&resolution(300, 2)), None, "a printer's resolution");
    assert_eq!(size(&resolution(4800, 2)), None, "a fine printer's resolution");
    assert_eq!(size(&resolution(1_000_000_000, 3)).as_deref(), Some("10 pm"));
    assert_eq!(
        size(&[text(34682, "[Scan]\r\nPixelWidth=2e-10\r\nPixelHeight=4e-10\r\n")]).as_deref(),
        Some("400 x 200 pm")
    );
}

#[test]
fn messages_state_the_error() {
    let message = |more: &[Entry]| {
        decode_bytes(&build(&[(with(grey([1, 2], 8, 1), more), vec![0; 2])])).unwrap_err().to_string()
    };
    assert!(message(&[(262, 3, vec![3])]).starts_with("memory: a page with a palette is not supported"));
    let million = [(256, 4, vec![1_000_000]), (257, 4, vec![1_000_000]), (278, 4, vec![1_000_000])];
    let terapixel = message(&million);
    assert!(terapixel.contains("truncated TIFF file: expected 1000000000000 bytes"), "{terapixel}");
    let packed = message(&[&million[..], &[(259, 3, vec![5])]].concat());
    assert!(packed.contains("truncated TIFF file: expected 200000000 bytes"), "{packed}");
    let stack = message(&[text(270, "ImageJ=1.5\nimages=7\n")]);
    assert!(stack.contains("an ImageJ stack of 7 frames"), "{stack}");
    assert_eq!(
        decode_bytes(b"II\x2a\0\x08\0\0\0").unwrap_err().to_string(),
        "memory: invalid TIFF file: the file ends too early"
    );
}

fn compressed(compression: Compression) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap().with_compression(compression);
    let mut image = encoder.new_image::<colortype::Gray16>(5, 4).unwrap();
    image.encoder().write_tag(Tag::ImageDescription, "ImageJ=1.5\nunit=nm\n").unwrap();
    image.rows_per_strip(2).unwrap();
    let pixels: Vec<u16> = (0..20).map(|x| x * x).collect();
    image.write_data(&pixels).unwrap();
    bytes.into_inner()
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    for compression in [Compression::Uncompressed, Compression::Lzw, Compression::Packbits] {
        let good = compressed(compression);
        survive_damage(&good, good.len());
    }
    survive_damage(&tiled(), 200);
    let page = (
        with(
            grey([2, 2], 8, 1),
            &[text(270, "ImageJ=1.5\nunit=nm\n"), (282, 5, vec![1, 1]), (283, 5, vec![1, 1])],
        ),
        vec![1, 2, 3, 4],
    );
    let good = build(&[page.clone(), page]);
    survive_damage(&good, good.len());
}
