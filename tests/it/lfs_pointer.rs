//! Which files are Git LFS pointers: a table of literals.
//!
//! Expected values are from git-lfs 3.3.0: what `git lfs pointer --check --file` accepts. Two are from its
//! specification instead: a pointer is shorter than 1,024 bytes, and an empty file represents itself.

use package_storage_migrate::rules::lfs_pointer::claimed_size;

const OID: &str = "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n";
const V1: &str = "version https://git-lfs.github.com/spec/v1\n";
const SIZE: &str = "size 12345\n";
const EXT: &str =
    "ext-0-foo sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n";

fn rows() -> Vec<(String, Option<u64>)> {
    let known = Some(12345);
    let other_ext = EXT.replace("-0-", "-1-").replace("foo", "bar");
    let parts = |parts: &[&str]| parts.concat();
    vec![
        (parts(&[V1, OID, SIZE]), known),
        (parts(&[V1, OID, "size 0\n"]), Some(0)),
        (parts(&[V1, OID, "size 9223372036854775807\n"]), Some(i64::MAX as u64)),
        (parts(&[V1, OID, "size +5\n"]), Some(5)),
        (parts(&["version https://hawser.github.com/spec/v1\n", OID, SIZE]), known),
        (parts(&["version http://git-media.io/v/2\n", OID, SIZE]), known),
        (parts(&[V1, EXT, OID, SIZE]), known),
        (parts(&[V1, &other_ext, EXT, OID, SIZE]), known),
        (parts(&[V1, OID, EXT, SIZE]), known),
        // Not written by git-lfs, but accepted by it.
        (parts(&[V1, OID, "size 12345"]), known),
        (parts(&["\n ", V1, "\n", OID, SIZE, "\n\n"]), known),
        (parts(&[V1, OID, SIZE]).replace('\n', "\r\n"), known),
        (parts(&[V1, OID, SIZE]) + &" ".repeat(1023 - 130), known),
        // Not pointers.
        (parts(&[V1, OID, SIZE]) + &" ".repeat(1024 - 130), None),
        (String::new(), None),
        (parts(&[V1]), None),
        (parts(&[V1, OID]), None),
        (parts(&[V1, SIZE]), None),
        (parts(&[OID, V1, SIZE]), None),
        (parts(&[V1, SIZE, OID]), None),
        (parts(&[V1, OID, SIZE, "x y\n"]), None),
        (parts(&[V1, OID, SIZE, EXT]), None),
        (parts(&[V1, "x-y z\n", OID, SIZE]), None),
        (parts(&[V1, V1, OID, SIZE]), None),
        (parts(&[V1, OID, OID, SIZE]), None),
        (parts(&[V1, "name a\n", OID, SIZE]), None),
        (parts(&[V1, EXT, &EXT.replace("foo", "bar"), OID, SIZE]), None),
        (parts(&[V1, &EXT.replace("-0-", "-10-"), OID, SIZE]), None),
        (parts(&[V1, &EXT.replace("-0-foo", "-0-"), OID, SIZE]), None),
        (parts(&[V1, "ext-0-foo bar\n", OID, SIZE]), None),
        (parts(&["version https://git-lfs.github.com/spec/v2\n", OID, SIZE]), None),
        (parts(&["version  https://git-lfs.github.com/spec/v1\n", OID, SIZE]), None),
        (parts(&["# ", V1, OID, SIZE]), None),
        (parts(&[V1, &OID.replace("sha256", "sha512"), SIZE]), None),
        (parts(&[V1, &OID.replace("sha256:", ""), SIZE]), None),
        (parts(&[V1, &OID.replace('d', "D"), SIZE]), None),
        (parts(&[V1, &OID.replace("2393", "239"), SIZE]), None),
        (parts(&[V1, &OID.replace("2393", "23933"), SIZE]), None),
        (parts(&[V1, OID, "size\n"]), None),
        (parts(&[V1, OID, "size -1\n"]), None),
        (parts(&[V1, OID, "size 1.5\n"]), None),
        (parts(&[V1, OID, "size 9223372036854775808\n"]), None),
        (parts(&[V1, OID, "size  1\n"]), None),
        (parts(&[V1, OID, "size\t1\n"]), None),
    ]
}

#[test]
fn pointers_are_recognized_like_git_lfs_does() {
    for (text, expected) in rows() {
        assert_eq!(claimed_size(text.as_bytes()), expected, "{text:?}");
    }
    assert_eq!(claimed_size(b"version \xff"), None);
}
