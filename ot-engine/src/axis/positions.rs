//! Looks single positions up without a map of the caller's own.
//!
//! A caller with many positions builds one [`AxisMap`] and asks that.
//!
//! Invariant: each lookup answers as [`AxisMap`] does; the identity is answered without a map.

use std::ops::Range;

use super::{AxisDelta, AxisMap, Bias, Origin};

impl AxisDelta {
    /// See [`AxisMap::map_position`].
    #[must_use]
    pub fn map_position(&self, position: u32, bias: Bias) -> u32 {
        if self.is_identity() { position } else { AxisMap::new(self).map_position(position, bias) }
    }

    /// See [`AxisMap::map_boundary`].
    #[must_use]
    pub fn map_boundary(&self, boundary: u32, bias: Bias) -> u32 {
        if self.is_identity() { boundary } else { AxisMap::new(self).map_boundary(boundary, bias) }
    }

    /// The range after the change, for a range that shows a *place*. Its edges stay with the lines that
    /// stay; moved lines leave it or enter it; lines placed at its edges are inside.
    #[must_use]
    pub fn map_range(&self, range: Range<u32>) -> Range<u32> {
        if self.is_identity() {
            return range;
        }
        let map = AxisMap::new(self);
        map.map_boundary(range.start, Bias::Left)..map.map_boundary(range.end, Bias::Right)
    }

    /// The origin of the line at `position` after the change.
    #[must_use]
    pub fn map_back(&self, position: u32) -> Origin {
        if self.is_identity() {
            return Origin::Old(position);
        }
        let back = AxisMap::new(&self.inverse());
        match back.map_line(position) {
            Some(old) => Origin::Old(old),
            None => Origin::Inserted(back.map_boundary(position, Bias::Left)),
        }
    }
}
