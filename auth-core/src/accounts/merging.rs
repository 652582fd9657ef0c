//! Two accounts become one, and two again.

use super::AccountChange;
use crate::identity::AccountId;
use crate::store::Result;
use crate::store::merging::{MergeOutcome, MergeRequest, Unmerged};

impl AccountChange<'_> {
    /// As [`crate::store::Merging::merge`]; the sessions of the account that is gone end, and what both
    /// had in browsers is refused.
    ///
    /// # Errors
    /// [`StoreError`]; they may be merged then.
    pub async fn merge(&self, request: MergeRequest) -> Result<MergeOutcome> {
        let (from, into) = (request.from, request.into);
        let outcome = self.directory.merge(request, self.now_ms).await?;
        if let MergeOutcome::Merged(_) = &outcome {
            self.end_sessions_of(from).await?;
            self.refuse_outdated(from).await?;
            self.refuse_outdated(into).await?;
        }
        Ok(outcome)
    }

    /// As [`crate::store::Merging::unmerge`]; tokens that say what no longer holds are refused.
    ///
    /// # Errors
    /// [`StoreError`]; it may be undone then.
    pub async fn unmerge(&self, from: AccountId, into: AccountId, actor: &str) -> Result<Unmerged> {
        let outcome = self.directory.unmerge(from, into, actor, self.now_ms).await?;
        if outcome != Unmerged::Impossible {
            // Also when there was nothing to undo: an earlier call may have failed half-way.
            self.refuse_outdated(from).await?;
            self.refuse_outdated(into).await?;
        }
        Ok(outcome)
    }
}
