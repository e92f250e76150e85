//! What a user allows for the access to buckets.

/// How a bucket is accessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Send no credentials, even if there are any.
    pub anonymous: bool,
    /// Run the programs that the environment names for getting credentials.
    pub allow_commands: bool,
}
