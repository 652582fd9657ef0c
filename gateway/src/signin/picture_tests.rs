//! Pictures, and files that only look like one.

use std::io::Write;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::*;

/// Red on the left, blue on the right.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) }
    })
}

fn written(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn read(jpeg: &[u8]) -> RgbImage {
    assert_eq!(image::guess_format(jpeg).unwrap(), ImageFormat::Jpeg);
    image::load_from_memory(jpeg).unwrap().into_rgb8()
}

fn is_red(pixel: &Rgb<u8>) -> bool {
    pixel[0] > 200 && pixel[2] < 60
}

/// A PNG chunk with its checksum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = !0_u32;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], kind, data, &(!crc).to_be_bytes()].concat()
}

/// The head of a PNG of this size.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let size = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &size)].concat()
}

/// A JPEG with an EXIF orientation and a place in it, right after its first marker.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let tiff = [
        &b"Exif\0\0MM\0\x2a\0\0\0\x08"[..],
        &[0, 1],
        &[1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
        &[0, 0, 0, 0],
        b"52.5200N 13.4050E",
    ]
    .concat();
    let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &tiff, &jpeg[2..]].concat()
}

#[test]
fn every_format_becomes_a_small_square_jpeg() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        for (width, height) in [(640, 480), (480, 640), (256, 256), (40, 30), (1, 1), (1, 900)] {
            let jpeg = portrait(&written(&picture(width, height), format)).unwrap();
            assert_eq!(read(&jpeg).dimensions(), (SIDE, SIDE), "{format:?}, {width}x{height}");
            assert!(jpeg.len() < 64 * 1024);
        }
    }
}

#[test]
fn the_middle_is_kept() {
    let small = read(&portrait(&written(&picture(900, 300), ImageFormat::Png)).unwrap());
    assert!(is_red(small.get_pixel(20, 128)) && !is_red(small.get_pixel(236, 128)));
    assert!(is_red(small.get_pixel(120, 128)) && !is_red(small.get_pixel(136, 128)));
}

#[test]
fn what_the_camera_wrote_is_obeyed_and_not_kept() {
    let jpeg = written(&picture(400, 400), ImageFormat::Jpeg);
    // 6: to be turned clockwise, so what was left is above.
    let turned = portrait(&with_exif(&jpeg, 6)).unwrap();
    let small = read(&turned);
    assert!(is_red(small.get_pixel(128, 20)) && is_red(small.get_pixel(236, 20)));
    assert!(!is_red(small.get_pixel(20, 236)));
    for trace in [&b"Exif"[..], b"52.5200N"] {
        assert!(!turned.windows(trace.len()).any(|window| window == trace));
    }
}

#[test]
fn transparent_is_white() {
    let clear = RgbaImage::new(64, 64);
    let mut png = Vec::new();
    let encoder = PngEncoder::new(&mut png);
    encoder.write_image(&clear, 64, 64, ExtendedColorType::Rgba8).unwrap();
    let small = read(&portrait(&png).unwrap());
    assert!(small.pixels().all(|pixel| pixel.0.iter().all(|part| *part > 250)));
}

#[test]
fn a_second_file_behind_the_picture_is_lost() {
    let script = b"<script>alert(1)</script>PK\x03\x04";
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let mut both = written(&picture(64, 64), format);
        both.extend_from_slice(script);
        let jpeg = portrait(&both).unwrap();
        assert!(!jpeg.windows(8).any(|window| window == b"<script>"), "{format:?}");
    }
}

#[test]
fn only_the_first_frame_of_an_animation_is_looked_at() {
    // A PNG that says it has a billion frames.
    let still = written(&picture(64, 64), ImageFormat::Png);
    let control = [&1_000_000_000_u32.to_be_bytes()[..], &0_u32.to_be_bytes()].concat();
    let animated = [&still[..33], &chunk(b"acTL", &control), &still[33..]].concat();
    assert_eq!(read(&portrait(&animated).unwrap()).dimensions(), (SIDE, SIDE));
}

#[test]
fn what_would_fill_the_memory_is_refused_by_its_head() {
    for (width, height) in [(60_000, 60_000), (1, 2_000_000_000), (u32::MAX >> 1, 1), (8000, 8000)]
    {
        let outcome = portrait(&[png_head(width, height), chunk(b"IDAT", b"")].concat());
        assert_eq!(outcome.unwrap_err(), BadPicture::TooLarge, "{width}x{height}");
    }
    // 15 000 x 15 000 in the frame header of a JPEG that ends right after it.
    let mut jpeg = written(&picture(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x3a, 0x98, 0x3a, 0x98]);
    assert_eq!(portrait(&jpeg).unwrap_err(), BadPicture::TooLarge);
}

#[test]
fn a_text_that_unpacks_to_much_does_not() {
    // A compressed text chunk of ten megabytes of zeros, before the picture.
    let mut deflated = vec![0x78, 0x01];
    for _ in 0..160 {
        deflated.push(0);
        deflated.extend_from_slice(&[0xff, 0xff, 0, 0]);
        deflated.write_all(&[0; 0xffff]).unwrap();
    }
    let text = [&b"Comment\0\0"[..], &deflated].concat();
    let still = written(&picture(64, 64), ImageFormat::Png);
    let bomb = [&still[..33], &chunk(b"zTXt", &text), &still[33..]].concat();
    // Read or refused, but never unpacked into the file that is kept.
    assert!(portrait(&bomb).is_ok_and(|jpeg| jpeg.len() < 64 * 1024) || portrait(&bomb).is_err());
}

#[test]
fn what_is_no_picture_is_refused() {
    let jpeg = written(&picture(64, 64), ImageFormat::Jpeg);
    let png = written(&picture(64, 64), ImageFormat::Png);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let files: [(&str, &[u8]); 12] = [
        ("nothing", b""),
        ("a text", b"hello"),
        ("an SVG", svg),
        ("a page", b"<!doctype html><script>alert(1)</script>"),
        (
            "a GIF",
            b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        ),
        ("a bitmap", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0"),
        ("a PDF", b"%PDF-1.7\n"),
        ("an archive", b"PK\x03\x04\x14\0\0\0"),
        ("the head of a JPEG", &jpeg[..20]),
        ("the head of a PNG", &png[..33]),
        ("half a PNG", &png[..png.len() / 2]),
        ("a WebP without a frame", b"RIFF\x04\0\0\0WEBP"),
    ];
    for (name, file) in files {
        assert_eq!(portrait(file).unwrap_err(), BadPicture::Unreadable, "{name}");
    }
}

#[test]
fn a_picture_cut_off_or_altered_anywhere_does_no_harm() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let good = written(&picture(24, 24), format);
        for at in 0..good.len() {
            let _ = portrait(&good[..at]);
            let mut altered = good.clone();
            altered[at] ^= 0xff;
            let _ = portrait(&altered);
        }
    }
}
