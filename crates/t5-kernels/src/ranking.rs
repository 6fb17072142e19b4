//! The best of a row of logits.

/// The `count` highest finite logits with their tokens, highest first; the lower token first among equals.
#[must_use]
pub fn highest(logits: &[f32], count: usize) -> Vec<(u32, f32)> {
    let mut kept: Vec<(u32, f32)> = Vec::with_capacity(count + 1);
    let mut floor = f32::NEG_INFINITY;
    for (token, &logit) in logits.iter().enumerate() {
        // Also false for NaN.
        if logit > floor {
            let place = kept.partition_point(|(_, other)| *other >= logit);
            kept.insert(place, (token as u32, logit));
            kept.truncate(count);
            if kept.len() == count {
                floor = kept[count - 1].1;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_logits_are_found_in_order() {
        assert_eq!(highest(&[1.0, 3.0, f32::NEG_INFINITY, 3.0, 2.0, f32::NAN], 3), [(1, 3.0), (3, 3.0), (4, 2.0)]);
        assert_eq!(highest(&[f32::NEG_INFINITY; 3], 2), []);
    }
}
