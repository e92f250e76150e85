//! Compares the digests of several objects, computed together, with reference implementations.

use md5::{Digest, Md5};
use package_storage_migrate::digest::{ObjectDigests, ObjectHasher};
use proptest::prelude::*;

/// Lengths around every boundary of padding and block.
const LENGTHS: [usize; 14] = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 4096, 20_001];

/// Computes the digests of all objects together, by turns in pieces of `steps` bytes.
fn together(objects: &[Vec<u8>], steps: &[usize]) -> Vec<ObjectDigests> {
    let mut hashers = vec![ObjectHasher::default(); objects.len()];
    let mut rests: Vec<&[u8]> = objects.iter().map(Vec::as_slice).collect();
    for turn in 0.. {
        if rests.iter().all(|rest| rest.is_empty()) {
            break;
        }
        let mut pieces = Vec::new();
        for (index, (hasher, rest)) in hashers.iter_mut().zip(&mut rests).enumerate() {
            let (piece, left) = rest.split_at(rest.len().min(steps[(turn + index) % steps.len()]));
            pieces.push((hasher, piece));
            *rest = left;
        }
        ObjectHasher::update_together(&mut pieces);
    }
    hashers.into_iter().map(ObjectHasher::finish).collect()
}

fn assert_matches_reference(objects: &[Vec<u8>], steps: &[usize]) {
    for (digests, bytes) in together(objects, steps).iter().zip(objects) {
        let (len, count) = (bytes.len(), objects.len());
        assert_eq!(digests.size, len as u64);
        assert_eq!(digests.md5.0, *Md5::digest(bytes), "{len} bytes, of {count}, in {steps:?}");
        assert_eq!(digests.sha256.0, *sha2::Sha256::digest(bytes), "{len} bytes, of {count}");
        assert_eq!(digests.crc32c.0, crc32c::crc32c(bytes), "{len} bytes, of {count}");
    }
}

#[test]
fn digests_match_the_reference_for_any_number_of_objects_of_any_length() {
    for count in 0..=LENGTHS.len() {
        for turn in 0..LENGTHS.len() {
            let object = |index: usize| -> Vec<u8> {
                let len = LENGTHS[(index + turn) % LENGTHS.len()];
                (0..len).map(|at| (at * 31 + index * 7 + at / 256) as u8).collect()
            };
            let objects: Vec<Vec<u8>> = (0..count).map(object).collect();
            for steps in [&[64][..], &[1000], &[100_000], &[63, 65, 4096]] {
                assert_matches_reference(&objects, steps);
            }
        }
    }
}

proptest! {
    #[test]
    fn digests_are_independent_of_steps(
        objects in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 0..20),
        steps in prop::collection::vec(1..300_usize, 1..5),
    ) {
        assert_matches_reference(&objects, &steps);
    }
}
