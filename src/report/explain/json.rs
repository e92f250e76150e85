//! The JSON form of a story, with one finding or revision per line.

use serde::Serialize;
use serde_json::Value;

use super::{RevisionStory, Story, StoryCopy, StoryEvent, StoryOutcome, V2State};
use crate::digest::{Crc32c, Md5, Sha256};
use crate::model::mismatch::Mismatch;
use crate::model::package::{ObjectKey, RevisionId};
use crate::model::plan::{ArchiveUpload, head_fields, json_elements, json_lines, registry_field};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::report::findings::{Found, Record, lines};

/// Renders the story.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn render(story: &Story) -> serde_json::Result<String> {
    let Story { tool, source, resolutions, registry, places, .. } = story;
    let mut fields = head_fields(tool, source, Shard::WHOLE, &Scope::default(), *resolutions)?;
    fields.extend(registry_field(*registry)?);
    fields.push(("subject", serde_json::to_string(&story.subject)?));
    // `null` if v2 was not looked at.
    let place = places.as_ref().map(|places| &places.objects);
    fields.push(("place", serde_json::to_string(&place)?));
    let index = places.as_ref().and_then(|places| places.index.as_ref());
    fields.push(("index_place", serde_json::to_string(&index)?));
    fields.push(("is_whole", serde_json::to_string(&story.is_whole())?));
    let history = story.history_findings.iter().map(Found::from);
    fields.push(("history_findings", lines(history)?));
    fields.push(("findings", lines(story.findings.iter().map(Record::from))?));
    let revisions = json_elements(story.revisions.iter().map(Revision::from))?;
    Ok(json_lines(&fields, ("revisions", &revisions)))
}

#[derive(Serialize)]
struct Revision<'a> {
    #[serde(flatten)]
    revision: &'a RevisionId,
    outcome: &'a StoryOutcome,
    copies: &'a [StoryCopy],
    events: &'a [StoryEvent],
    archive: Option<Archive<'a>>,
    entry: Option<&'a Value>,
    v2: Option<V2<'a>>,
}

impl<'a> From<&'a RevisionStory> for Revision<'a> {
    fn from(story: &'a RevisionStory) -> Self {
        let RevisionStory { revision, outcome, copies, events, archive, entry, v2 } = story;
        Revision {
            revision,
            outcome,
            copies,
            events,
            archive: archive.as_ref().map(Archive::from),
            entry: entry.as_ref(),
            v2: v2.as_ref().map(|v2| V2 {
                archive: v2.archive,
                statics: v2.statics,
                entry: v2.entry,
                mismatches: v2.mismatches.iter().map(Mismatched::from).collect(),
            }),
        }
    }
}

/// The archive, without what the revision already states.
#[derive(Serialize)]
struct Archive<'a> {
    key: &'a ObjectKey,
    size: u64,
    sha256: Sha256,
    md5: Md5,
    crc32c: Crc32c,
    content_digest: Sha256,
    file_count: u64,
}

impl<'a> From<&'a ArchiveUpload> for Archive<'a> {
    fn from(archive: &'a ArchiveUpload) -> Self {
        let ArchiveUpload { key, size, sha256, md5, crc32c, content_digest, file_count, .. } =
            archive;
        let (size, file_count) = (*size, *file_count);
        let (sha256, md5, crc32c) = (*sha256, *md5, *crc32c);
        Archive { key, size, sha256, md5, crc32c, content_digest: *content_digest, file_count }
    }
}

#[derive(Serialize)]
struct V2<'a> {
    archive: V2State,
    // `null` where v2 cannot have them, or they cannot be looked up.
    statics: Option<V2State>,
    entry: Option<V2State>,
    mismatches: Vec<Mismatched<'a>>,
}

/// The JSON form of a mismatch, without its evidence, which the report of `verify` has.
#[derive(Serialize)]
struct Mismatched<'a> {
    code: &'static str,
    object: &'a str,
    path: Option<&'a str>,
    message: String,
    advice: &'static str,
}

impl<'a> From<&'a Mismatch> for Mismatched<'a> {
    fn from(Mismatch { object, path, kind }: &'a Mismatch) -> Self {
        Mismatched {
            code: kind.code(),
            object,
            path: path.as_deref(),
            message: kind.message(),
            advice: kind.advice(),
        }
    }
}
