//! From whatever somebody uploads to a small square JPEG of our own making.
//!
//! The format is what the bytes say, never what a name or a header says. Size in pixels and memory is
//! known before anything is decoded, the first frame is the only one, and nothing of the upload survives
//! but the pixels: no EXIF, no place where it was taken, no second file behind the first.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    RgbaImage,
};

/// Why an upload is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadPicture {
    /// Not a JPEG, PNG or WebP, or not a whole one.
    Unreadable,
    /// More pixels than are taken.
    TooLarge,
}

/// The middle of the picture as a JPEG of [`SIDE`] times [`SIDE`] pixels, upright. Takes up to a second
/// and [`MOST_BYTES`] of memory, so never on an async thread and never many at once.
///
/// # Errors
/// [`BadPicture`].
pub(crate) fn portrait(upload: &[u8]) -> Result<Vec<u8>, BadPicture> {
    let (picture, orientation) = decode(upload)?;
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let middle = imageops::crop_imm(&picture, (width - side) / 2, (height - side) / 2, side, side);
    let small = if side > SIDE {
        imageops::thumbnail(&*middle, SIDE, SIDE)
    } else {
        imageops::resize(&*middle, SIDE, SIDE, FilterType::Triangle)
    };
    // The whole picture is let go before the next one is made.
    drop(picture);
    let mut small = DynamicImage::ImageRgba8(small);
    // A middle square stays the middle square however it is turned.
    small.apply_orientation(orientation);
    encode(&on_white(&small.into_rgba8()))
}

fn decode(upload: &[u8]) -> Result<(DynamicImage, Orientation), BadPicture> {
    let unreadable = |_| BadPicture::Unreadable;
    let mut reader = ImageReader::new(Cursor::new(upload))
        .with_guessed_format()
        .map_err(|_| BadPicture::Unreadable)?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) => {}
        _ => return Err(BadPicture::Unreadable),
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Limits(_) => BadPicture::TooLarge,
        other => unreadable(other),
    })?;
    let (width, height) = decoder.dimensions();
    let too_many = u64::from(width) * u64::from(height) > MOST_PIXELS;
    if too_many || decoder.total_bytes() > MOST_BYTES {
        return Err(BadPicture::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(BadPicture::Unreadable);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok((picture, orientation))
}

/// A JPEG knows no transparency.
fn on_white(picture: &RgbaImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8| {
            let (colour, alpha) = (u16::from(colour), u16::from(alpha));
            u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

fn encode(picture: &RgbImage) -> Result<Vec<u8>, BadPicture> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    encoder.encode_image(picture).map_err(|_| BadPicture::Unreadable)?;
    Ok(jpeg)
}

/// Width and height of what is kept, in pixels.
pub(crate) const SIDE: u32 = 256;
/// Of 100.
const QUALITY: u8 = 85;
const LONGEST_SIDE: u32 = 16_000;
/// More than phones take by default.
const MOST_PIXELS: u64 = 32 * 1024 * 1024;
/// Decoded, four bytes to a pixel.
const MOST_BYTES: u64 = 4 * MOST_PIXELS;

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
