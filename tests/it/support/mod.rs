//! Shared helpers of the tests.

#[cfg(feature = "stores")]
pub(crate) mod bucket_server;
pub(crate) mod damage;
pub(crate) mod fault_server;
#[cfg(feature = "stores")]
pub(crate) mod faulty_store;
pub(crate) mod fixture;
pub(crate) mod git;
pub(crate) mod gpg;
pub(crate) mod judge;
pub(crate) mod keys;
pub(crate) mod made;
pub(crate) mod others;
pub(crate) mod program;
pub(crate) mod registry_server;
pub(crate) mod schemas;
#[cfg(feature = "stores")]
pub(crate) mod tls_server;
pub(crate) mod tool;
pub(crate) mod v1_repo;
pub(crate) mod v2;
pub(crate) mod workflow;
