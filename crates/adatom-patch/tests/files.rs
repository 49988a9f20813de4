//! Paths that are not images, and images that are written and read again.

use std::error::Error as _;
use std::fs;

use adatom_patch::{Error, Image, ImageFile, ScalingMethod, ndarray::arr2, scaling_of};

#[test]
fn missing_files_folders_and_empty_files_have_different_errors() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Image::open(folder.path().join("none.tif")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read ") && missing.source().is_some());
    let directory = Image::open(folder.path()).unwrap_err();
    assert_eq!(directory.source().unwrap().to_string(), "it is a folder");
    let empty = folder.path().join("empty.png");
    fs::write(&empty, b"").unwrap();
    let message = Image::open(&empty).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "unrecognised file format; expected one of NPY, TIFF, PNG, TIA SER, Nanonis SXM; \
             it looks like an empty file"
        ),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn a_device_without_end_is_not_read() {
    let error = Image::open("/dev/zero").unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "it is not a regular file");
}

#[test]
fn the_content_decides_and_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really-npy.tif");
    Image::from_array(arr2(&[[1.0, 2.0]])).save_npy(&path).unwrap();
    assert_eq!(ImageFile::probe(&path).unwrap().format, "NPY");
    let image = Image::open(&path).unwrap();
    assert_eq!(image.source(), Some(path.display().to_string().as_str()));
    fs::write(&path, "row,column\n1,2\n").unwrap();
    assert!(matches!(Image::open(&path), Err(Error::UnknownFormat { looks_like: Some(_), .. })));
}

#[test]
fn the_frames_of_a_stack_are_numbered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stack.npy");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1, 2), }";
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend([1, 2, 3, 4, 5, 6]);
    fs::write(&path, bytes).unwrap();
    let message = Image::open(&path).unwrap_err().to_string();
    assert!(message.ends_with("stack.npy: expected one image, found a stack of 3 frames"), "{message}");
    let frames = Image::open_stack(&path).unwrap();
    assert_eq!(frames[2].pixels(), arr2(&[[5.0, 6.0]]));
    assert!(frames[2].source().unwrap().ends_with("stack.npy [frame 2]"));
}

#[test]
fn a_scaled_picture_spans_black_to_white() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    let image = Image::from_array(arr2(&[[-3.0, 1.0], [0.0, 0.5]]));
    image.save_png16(&path, &scaling_of(&image, ScalingMethod::MinMax).unwrap()).unwrap();
    let statistics = Image::open(&path).unwrap().statistics().unwrap();
    assert_eq!((statistics.min, statistics.max), (0.0, 65535.0));
}
