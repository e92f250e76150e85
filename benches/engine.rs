//! Benchmarks of the engine, in parts and as a whole, with generated repositories.
//!
//! The groups: `read` (v1 into memory), `deflate` (a blob to a piece), `assemble` (pieces to archives,
//! which are discarded) and `whole` (a dry run). Repositories vary along one axis at a time, from one
//! base: in revisions, in what revisions share, in file size. Bytes per second: `read` counts each
//! distinct blob of a package, `assemble` and `whole` count all files of all archives, unpacked.
//! `cargo bench -- deflate` runs one group.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::io::{self, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use tempfile::TempDir;

use package_storage_migrate::digest::ObjectHasher;
use package_storage_migrate::model::content::{Content, ObjectId};
use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::finding::ObjectKind;
use package_storage_migrate::model::package::{RevisionId, Stage};
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::Resources;
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::ops::migrate::{GoneNames, Options, migrate};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::content::read_content;
use package_storage_migrate::v1::listing::Listing;
use package_storage_migrate::v1::repository::V1Repository;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::archive::deflate::{Deflater, Piece};
use package_storage_migrate::v2::archive::layout::{self, LayoutEntry};
use package_storage_migrate::v2::archive::writer::{ArchiveEntry, ArchiveStream};
use package_storage_migrate::v2::folder::{Chunk, Preview};

#[path = "support/generator.rs"]
mod generator;

use generator::{BASE, Shape, bytes};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    let repositories = Repositories::new();
    read(&mut criterion, &repositories);
    deflate(&mut criterion);
    assemble(&mut criterion, &repositories);
    whole(&mut criterion, &repositories);
    criterion.final_summary();
}

fn read(criterion: &mut Criterion, repositories: &Repositories) {
    let mut group = criterion.benchmark_group("read");
    group.sampling_mode(SamplingMode::Flat);
    for (name, shape) in shapes() {
        group.throughput(Throughput::Bytes(shape.distinct_len()));
        group.bench_function(name, |bencher| {
            let path = repositories.path(shape);
            bencher.iter(|| {
                let mut read_len = 0;
                let winners = read_winners(&path, |_, blob| read_len += blob.len() as u64);
                assert_eq!(winners.len() as u64, shape.total_count(), "revisions that were read");
                assert_eq!(read_len, shape.distinct_len(), "bytes that were read");
            });
        });
    }
}

fn deflate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deflate");
    for (size, len) in
        [("1KiB", 1 << 10), ("16KiB", 16 << 10), ("256KiB", 256 << 10), ("4MiB", 4 << 20)]
    {
        let text = bytes::text(String::new(), len, [0; 3], 0);
        let image = bytes::image(len, [0; 3], 0);
        group.throughput(Throughput::Bytes(len as u64));
        for (kind, blob) in [("text", text), ("incompressible", image)] {
            group.bench_function(BenchmarkId::new(kind, size), |bencher| {
                let mut deflater = Deflater::default();
                bencher.iter(|| deflater.piece(black_box(&blob)));
            });
        }
    }
}

fn assemble(criterion: &mut Criterion, repositories: &Repositories) {
    let mut group = criterion.benchmark_group("assemble");
    group.sampling_mode(SamplingMode::Flat);
    for (name, shape) in shapes() {
        group.throughput(Throughput::Bytes(shape.content_len()));
        let ready = OnceCell::new();
        let ready = || ready.get_or_init(|| Ready::read(&repositories.path(shape)));
        group.bench_function(format!("no-digests/{name}"), |bencher| {
            let ready = ready();
            bencher.iter(|| {
                for winner in &ready.winners {
                    io::copy(&mut ready.archive(winner), &mut io::sink())
                        .expect("writing to a sink does not fail");
                }
            });
        });
        group.bench_function(format!("digests/{name}"), |bencher| {
            let ready = ready();
            bencher.iter(|| {
                for winners in ready.winners.chunks(8) {
                    black_box(ready.digest_together(winners));
                }
            });
        });
    }
}

fn whole(criterion: &mut Criterion, repositories: &Repositories) {
    let mut group = criterion.benchmark_group("whole");
    group.sampling_mode(SamplingMode::Flat);
    let jobs = thread::available_parallelism().map_or(1, NonZero::get);
    let options = Options {
        stages: stage_requests(),
        remote: "origin".to_owned(),
        shard: Shard::WHOLE,
        scope: Scope::default(),
        resources: Resources::default(),
        base: None,
        gone_names: GoneNames::Refused,
        cursor: None,
        resolutions: Resolutions::default(),
        validator: None,
        registry: RegistryRelease::NEWEST,
        kibana_versions: Vec::new(),
        jobs,
    };
    let interrupt = AtomicBool::new(false);
    for (name, shape) in shapes() {
        group.throughput(Throughput::Bytes(shape.content_len()));
        group.bench_function(name, |bencher| {
            let path = repositories.path(shape);
            bencher.iter(|| {
                let run = migrate(&path, &options, &Preview::new(None), &Silent, &interrupt);
                let upload_count = run.expect("a dry run").plan.archives().count() as u64;
                assert_eq!(upload_count, shape.total_count(), "archives that were made");
            });
        });
    }
}

/// Returns the base, and repositories that differ from it in one property.
fn shapes() -> Vec<(String, Shape)> {
    let mut shapes = Vec::new();
    for revision_count in [2, 20, 200] {
        let shape = Shape { revision_count, ..BASE };
        shapes.push((format!("revisions/{}", shape.total_count()), shape));
    }
    for sharing_percent in [0, 50, 95] {
        shapes
            .push((format!("shared-percent/{sharing_percent}"), Shape { sharing_percent, ..BASE }));
    }
    for file_len in [512, 4096, 32768] {
        shapes.push((format!("file-bytes/{file_len}"), Shape { file_len, ..BASE }));
    }
    shapes
}

/// Generated repositories: created when first needed, removed at the end.
struct Repositories {
    folder: TempDir,
    made: RefCell<HashMap<Shape, PathBuf>>,
}

impl Repositories {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("make a folder for repositories");
        Repositories { folder, made: RefCell::default() }
    }

    fn path(&self, shape: Shape) -> PathBuf {
        let mut made = self.made.borrow_mut();
        let path = self.folder.path().join(made.len().to_string());
        let generate = || {
            shape.generate(&path).expect("generate a repository");
            path
        };
        made.entry(shape).or_insert_with(generate).clone()
    }
}

/// A revision, and the files of its most promoted copy.
type Winner = (RevisionId, Content);

/// Reads like the engine, with one thread: the files of every copy, and then each distinct blob
/// of a package.
fn read_winners(path: &Path, mut on_blob: impl FnMut(ObjectId, &[u8])) -> Vec<Winner> {
    let repository = V1Repository::open(path).expect("open the repository");
    let stages = repository.find_stages(&stage_requests(), "origin").expect("find the stages");
    let reader = repository.reader().expect("open a reader");
    let scope = Scope::default();
    let listing = Listing::read(&reader, &stages, Shard::WHOLE, &scope, |_| Ok(false), || ());
    let listing = listing.expect("list the stages");
    let mut winners = Vec::new();
    for package in listing.packages.into_values() {
        let first = winners.len();
        for (revision, copies) in package.revisions {
            let contents = copies.into_iter().map(|copy| {
                let tree_id = copy.tree.expect("a copy has a folder");
                read_content(&reader, tree_id).expect("read the files of a copy")
            });
            let contents: Vec<Content> = contents.collect();
            winners.extend(contents.into_iter().next().map(|content| (revision, content)));
        }
        let mut seen = HashSet::new();
        for file in winners[first..].iter().flat_map(|(_, content)| content.files()) {
            if seen.insert(file.blob_id) {
                let read =
                    reader.read(ObjectKind::Blob, file.blob_id, |blob| on_blob(file.blob_id, blob));
                read.expect("read a blob");
            }
        }
    }
    winners
}

fn stage_requests() -> Vec<StageRequest> {
    Stage::ALL.map(|stage| StageRequest { stage, pinned: None }).to_vec()
}

/// All revisions of a repository, with the pieces of their archives.
struct Ready {
    winners: Vec<Winner>,
    pieces: HashMap<ObjectId, Piece>,
}

impl Ready {
    fn read(path: &Path) -> Self {
        let (mut deflater, mut pieces) = (Deflater::default(), HashMap::new());
        let winners = read_winners(path, |blob_id, blob| {
            pieces.insert(blob_id, deflater.piece(blob));
        });
        Ready { winners, pieces }
    }

    fn archive<'r>(&'r self, (revision, content): &'r Winner) -> impl Read + 'r {
        let root = revision.to_string();
        ArchiveStream::new(layout::entries(content).into_iter().map(move |entry| ArchiveEntry {
            name: entry.name(&root),
            piece: match entry {
                LayoutEntry::Folder(_) => None,
                LayoutEntry::File(file) => Some(&self.pieces[&file.blob_id]),
            },
        }))
    }

    /// Computes the digests of several archives together, like the engine.
    fn digest_together(&self, winners: &[Winner]) -> Vec<ObjectHasher> {
        let mut hashers = vec![ObjectHasher::default(); winners.len()];
        let mut archives: Vec<_> = winners.iter().map(|winner| self.archive(winner)).collect();
        let mut chunks: Vec<Chunk> = winners.iter().map(|_| Chunk::default()).collect();
        loop {
            let mut digested = Vec::with_capacity(winners.len());
            for ((archive, chunk), hasher) in archives.iter_mut().zip(&mut chunks).zip(&mut hashers)
            {
                chunk.clear();
                let bytes = chunk.read_more(archive, 16 << 10).expect("short names");
                digested.push((hasher, bytes));
            }
            let is_finished = digested.iter().all(|(_, bytes)| bytes.is_empty());
            ObjectHasher::update_together(&mut digested);
            if is_finished {
                return hashers;
            }
        }
    }
}
