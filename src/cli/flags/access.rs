//! The flags for access to buckets, the same for all commands that have them.

use crate::v2::store::Access;

/// How buckets are accessed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(in crate::cli) struct AccessArgs {
    /// Send no credentials to a bucket, even if there are any
    #[arg(long)]
    anonymous: bool,

    /// Run the programs that the configuration names for getting credentials: AWS's credential_process,
    /// and Azure's CLI
    #[arg(long, conflicts_with = "anonymous")]
    allow_credential_command: bool,
}

impl From<AccessArgs> for Access {
    fn from(args: AccessArgs) -> Self {
        Access { anonymous: args.anonymous, allow_commands: args.allow_credential_command }
    }
}
