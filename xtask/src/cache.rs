//! The one folder outside the checkout, which all checkouts of a user share, and its lock.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::{env, io};

use anyhow::{Context as _, Result};

/// The folder, made if it is not there.
pub fn folder() -> Result<PathBuf> {
    let folder = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("the cache that all checkouts share needs XDG_CACHE_HOME or HOME to be set")?
        .join("tandem-jwt");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Waits until no other build uses the folder. The lock ends with the value, or with the process.
pub fn lock() -> Result<File> {
    let file = folder()?.join("lock");
    let lock = File::create(&file).with_context(|| format!("cannot write {}", file.display()))?;
    match lock.try_lock() {
        Ok(()) => return Ok(lock),
        Err(TryLockError::WouldBlock) => println!("waiting for another build to finish its part"),
        Err(TryLockError::Error(error)) => return lockless(lock, error),
    }
    match lock.lock() {
        Ok(()) => Ok(lock),
        Err(error) => lockless(lock, error),
    }
}

/// Some network file systems have no locks. There, users must not start two first builds at once.
fn lockless(lock: File, error: io::Error) -> Result<File> {
    match error.kind() {
        io::ErrorKind::Unsupported => Ok(lock),
        _ => Err(error).context("cannot lock the cache"),
    }
}
