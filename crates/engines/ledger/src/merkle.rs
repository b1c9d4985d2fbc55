//! RFC 6962 section 2.1: hashes and proofs, without any storage.

use palisade_model::{Digest, Hasher};

/// A proof that does not lead to the stated root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Merkle proof does not lead to the stated root hash")]
pub struct ProofMismatch;

/// The root of the empty tree.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0]);
    hasher.update(entry);
    hasher.finish()
}

/// The hash of a node over its children.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root over `hashes`, whose number is a power of two.
pub(crate) fn perfect_root(hashes: &[Digest]) -> Option<Digest> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                _ => None,
            })
            .collect::<Option<_>>()?;
    }
    row.pop()
}

/// A perfect subtree: 2^`level` leaves, the `index`-th of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subtree {
    pub(crate) level: u32,
    pub(crate) index: u64,
}

/// The perfect subtrees that tile `start..end`, left to right. `start` must be a multiple of a power of two not below `end - start`,
/// as in every range that proofs ask for.
pub(crate) fn subtrees(mut start: u64, end: u64) -> Vec<Subtree> {
    let mut list = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        list.push(Subtree { level, index: start >> level });
        start += 1 << level;
    }
    list
}

/// The ranges whose roots prove that entry `index` is in a tree of `size`: RFC 6962 section 2.1.1, leaf first.
pub(crate) fn inclusion_ranges(index: u64, size: u64) -> Vec<(u64, u64)> {
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges whose roots prove that a tree of `new` extends one of `old`: RFC 6962 section 2.1.2.
pub(crate) fn consistency_ranges(old: u64, new: u64) -> Vec<(u64, u64)> {
    let (mut start, mut end) = (0, new);
    let mut ranges = Vec::new();
    if old == 0 || old >= new {
        return ranges;
    }
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    // The old tree is itself a node when it was never split off; the verifier has its root already.
    if start > 0 {
        ranges.push((start, end));
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Whether the entry with hash `leaf` is number `index` of the tree of `size` with `root`: RFC 9162 section 2.1.3.2.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofMismatch> {
    if index >= size {
        return Err(ProofMismatch);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for step in proof {
        if last == 0 {
            return Err(ProofMismatch);
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(step, &hash);
            skip_missing_levels(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, step);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(ProofMismatch) }
}

/// Whether the tree of `new` with `new_root` extends the tree of `old` with `old_root`: RFC 9162 section 2.1.4.2.
pub fn verify_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofMismatch> {
    let trivial = match old {
        _ if old > new => return Err(ProofMismatch),
        0 => Some(*old_root == empty_root()),
        _ if old == new => Some(old_root == new_root),
        _ => None,
    };
    if let Some(same) = trivial {
        return if same && proof.is_empty() { Ok(()) } else { Err(ProofMismatch) };
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node % 2 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (first, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some(parts) => parts,
        None => return Err(ProofMismatch),
    };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in rest {
        if last == 0 {
            return Err(ProofMismatch);
        }
        if node % 2 == 1 || node == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            skip_missing_levels(&mut node, &mut last);
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        node >>= 1;
        last >>= 1;
    }
    let good = last == 0 && old_hash == *old_root && new_hash == *new_root;
    if good { Ok(()) } else { Err(ProofMismatch) }
}

/// Climbs past levels where the last node has no sibling and is its own parent.
fn skip_missing_levels(node: &mut u64, last: &mut u64) {
    while node.is_multiple_of(2) && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6962 section 2.1 word by word: the oracle.
    fn mth(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [one] => Digest::of(&[b"\0", one.as_slice()].concat()),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                Digest::of(&[b"\x01".as_slice(), mth(left).as_bytes(), mth(right).as_bytes()].concat())
            }
        }
    }

    /// Section 2.1.1, PATH(m, D[n]).
    fn path(m: usize, leaves: &[Vec<u8>]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return vec![];
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(k);
        let (mut proof, last) =
            if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
        proof.push(last);
        proof
    }

    /// Section 2.1.2, SUBPROOF(m, D[n], b).
    fn subproof(m: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Digest> {
        if m == leaves.len() {
            return if whole { vec![] } else { vec![mth(leaves)] };
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(k);
        let (mut proof, last) = if m <= k {
            (subproof(m, left, whole), mth(right))
        } else {
            (subproof(m - k, right, false), mth(left))
        };
        proof.push(last);
        proof
    }

    fn leaves(count: u64) -> Vec<Vec<u8>> {
        (0..count).map(|number| number.to_be_bytes().to_vec()).collect()
    }

    fn ranges_to_hashes(ranges: &[(u64, u64)], all: &[Vec<u8>]) -> Vec<Digest> {
        ranges.iter().map(|&(start, end)| mth(&all[start as usize..end as usize])).collect()
    }

    /// The eight inputs and the roots over the first 1, 2 ... of them that Certificate Transparency implementations test with.
    #[test]
    fn roots_are_those_of_the_certificate_transparency_reference_tree() {
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let hex = |text: &str| {
            text.as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect()
        };
        let inputs: Vec<Vec<u8>> = inputs.iter().map(|text| hex(text)).collect();
        assert_eq!(empty_root().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (index, root) in roots.iter().enumerate() {
            assert_eq!(mth(&inputs[..=index]).hex(), *root);
            let hashes: Vec<Digest> = inputs[..=index].iter().map(|input| leaf_hash(input)).collect();
            let mut edge = crate::tiles::Edge::default();
            hashes.iter().for_each(|hash| drop(edge.push(*hash)));
            assert_eq!(edge.root().hex(), *root);
        }
    }

    #[test]
    fn all_proofs_up_to_seventy_are_those_of_the_rfc_and_verify() {
        let all = leaves(70);
        let roots: Vec<Digest> = (0..=70).map(|size| mth(&all[..size])).collect();
        for size in 0..=70_u64 {
            let root = &roots[size as usize];
            for index in 0..size {
                let proof = ranges_to_hashes(&inclusion_ranges(index, size), &all);
                assert_eq!(proof, path(index as usize, &all[..size as usize]));
                let leaf = leaf_hash(&all[index as usize]);
                assert_eq!(verify_inclusion(&leaf, index, size, &proof, root), Ok(()));
            }
            for old in 0..=size {
                let old_root = &roots[old as usize];
                let proof = ranges_to_hashes(&consistency_ranges(old, size), &all);
                if old > 0 {
                    assert_eq!(proof, subproof(old as usize, &all[..size as usize], true), "{old} {size}");
                }
                assert_eq!(verify_consistency(old, old_root, size, root, &proof), Ok(()), "{old} {size}");
            }
        }
    }

    #[test]
    fn subtrees_of_every_asked_range_are_aligned() {
        for size in 1..=300 {
            let asked =
                (0..size).flat_map(|at| [inclusion_ranges(at, size), consistency_ranges(at, size)].concat());
            for (start, end) in asked {
                let mut at = start;
                for Subtree { level, index } in subtrees(start, end) {
                    assert_eq!(index << level, at);
                    at += 1 << level;
                }
                assert_eq!(at, end);
            }
        }
    }

    proptest! {
        #[test]
        fn a_changed_proof_never_verifies(size in 2..2000_u64, index: prop::sample::Index, what in 0..6, which: prop::sample::Index) {
            let all = leaves(size);
            let index = index.index(size as usize) as u64;
            let root = mth(&all);
            let leaf = leaf_hash(&all[index as usize]);
            let mut proof = ranges_to_hashes(&inclusion_ranges(index, size), &all);
            prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
            let at = which.index(proof.len());
            let (mut leaf, mut index, mut root) = (leaf, index, root);
            match what {
                0 => proof[at] = Digest::of(b"x"),
                1 => drop(proof.remove(at)),
                2 => proof.push(Digest::of(b"x")),
                3 => leaf = Digest::of(b"x"),
                4 => index = (index + 1) % size,
                _ => root = Digest::of(b"x"),
            }
            prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Err(ProofMismatch));
        }

        #[test]
        fn consistency_holds_for_the_same_history_alone(new in 2..1500_u64, old: prop::sample::Index, changed: prop::sample::Index) {
            let old = old.index(new as usize) as u64 + 1;
            let all = leaves(new);
            let (old_root, root) = (mth(&all[..old as usize]), mth(&all));
            let proof = ranges_to_hashes(&consistency_ranges(old, new), &all);
            prop_assert_eq!(verify_consistency(old, &old_root, new, &root, &proof), Ok(()));

            let mut other = all.clone();
            other[changed.index(old as usize)] = b"rewritten".to_vec();
            let (other_root, other_proof) = (mth(&other), ranges_to_hashes(&consistency_ranges(old, new), &other));
            for proof in [&proof, &other_proof] {
                prop_assert_eq!(verify_consistency(old, &old_root, new, &other_root, proof), Err(ProofMismatch));
            }
        }
    }
}
