//! Lists that a control plane gives a page at a time: as many as are wanted, and a word if there are more.

use contract::Page;

use crate::exit::Failure;
use crate::output::Output;

/// The first of a list.
#[derive(Debug)]
pub(crate) struct Pages<T> {
    pub(crate) items: Vec<T>,
    /// How many were wanted, if there are more.
    cut: Option<usize>,
}

impl<T> Pages<T> {
    /// Reads page after page, each by the cursor of the one before, until there are as many as are wanted.
    pub(crate) async fn read(
        wanted: usize,
        mut page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
    ) -> Result<Self, Failure> {
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let Page { items: more, next } = page(cursor).await?;
            items.extend(more);
            cursor = next;
            if cursor.is_none() || items.len() >= wanted {
                break;
            }
        }
        let cut = (cursor.is_some() || items.len() > wanted).then_some(wanted);
        items.truncate(wanted);
        Ok(Self { items, cut })
    }

    /// Whether there are more.
    pub(crate) const fn are_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// Says that there are more, if there are.
    pub(crate) fn tell(&self, out: Output) {
        if let Some(wanted) = self.cut {
            out.note(&format!("there are more than {wanted}; `--limit` shows more"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a list in pages of two, and how many pages that took.
    async fn read(all: usize, wanted: usize) -> (Vec<usize>, bool, usize) {
        let mut asked = 0;
        let pages = Pages::read(wanted, async |cursor: Option<String>| {
            asked += 1;
            let from: usize = cursor.map_or(0, |text| text.parse().unwrap());
            let to = all.min(from + 2);
            Ok(Page { items: (from..to).collect(), next: (to < all).then(|| to.to_string()) })
        });
        let pages = pages.await.unwrap();
        let are_cut = pages.are_cut();
        (pages.items, are_cut, asked)
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_end_or_to_what_is_wanted() {
        assert_eq!(read(5, 9).await, (vec![0, 1, 2, 3, 4], false, 3));
        assert_eq!(read(5, 5).await, (vec![0, 1, 2, 3, 4], false, 3));
        assert_eq!(read(5, 3).await, (vec![0, 1, 2], true, 2));
        assert_eq!(read(5, 4).await, (vec![0, 1, 2, 3], true, 2));
        assert_eq!(read(4, 4).await, (vec![0, 1, 2, 3], false, 2));
        assert_eq!(read(0, 4).await, (vec![], false, 1));
    }
}
