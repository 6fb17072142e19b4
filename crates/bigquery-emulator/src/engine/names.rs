//! Texts by number. A column that Parquet keeps as a dictionary is read as one, its texts get numbers that are the same all over the
//! query, and groups and joins are made of numbers; the texts come back where a row needs them.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, StringBuilder, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, UInt32Type};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use datafusion::physical_plan::PhysicalExpr;

/// Dictionaries of row groups that are remembered: threads read a few at a time.
const REMEMBERED: usize = 32;
/// What a text takes beside itself: its end, its hash and its slots.
const BYTES_BESIDE: usize = 32;
const SEED: u64 = 0;

/// As which type a column of texts is read.
pub(super) fn dictionary_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The numbers of the texts of one query.
#[derive(Debug)]
pub(super) struct Names {
    known: RwLock<Known>,
    numbers: Remembered<UInt32Array>,
    memory: MemoryReservation,
}

impl Names {
    /// What is held is counted in a pool of memory.
    pub(super) fn new(memory: &Arc<dyn MemoryPool>) -> Self {
        Self { known: RwLock::default(), numbers: Remembered::default(), memory: MemoryConsumer::new("names").register(memory) }
    }

    /// The number of each text of an array, which it gets where it has none; NULL for NULL.
    fn numbers(&self, texts: &StringArray) -> Result<UInt32Array> {
        let mut hashes = vec![0; texts.len()];
        create_hashes([texts as &dyn Array], &RandomState::with_seed(SEED), &mut hashes)?;
        let mut numbers = vec![None; texts.len()];
        let mut new_bytes = 0;
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            for (at, number) in numbers.iter_mut().enumerate().filter(|(at, _)| texts.is_valid(*at)) {
                let text = texts.value(at);
                *number = known.find(text, hashes[at]);
                new_bytes += if number.is_none() { text.len() + BYTES_BESIDE } else { 0 };
            }
        }
        if new_bytes > 0 {
            self.memory.try_grow(new_bytes)?;
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            for (at, number) in numbers.iter_mut().enumerate().filter(|(at, number)| number.is_none() && texts.is_valid(*at)) {
                let text = texts.value(at);
                // Another thread may have been quicker, or the dictionary may have the text twice.
                *number = Some(match known.find(text, hashes[at]) {
                    Some(number) => number,
                    None => known.add(text, hashes[at])?,
                });
            }
        }
        Ok(numbers.into_iter().collect())
    }

    fn texts(&self, numbers: &UInt32Array) -> StringArray {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut texts = StringBuilder::with_capacity(numbers.len(), 0);
        for number in numbers {
            texts.append_option(number.map(|number| known.text(number)));
        }
        texts.finish()
    }
}

/// Texts in the order of their numbers, and a hash table of these.
#[derive(Debug, Default)]
struct Known {
    text: String,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    /// One more than a number, or 0; a power of two of them, at most half of them taken.
    slots: Vec<u32>,
}

impl Known {
    fn text(&self, number: u32) -> &str {
        let number = number as usize;
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[begin..self.ends[number]]
    }

    fn find(&self, text: &str, hash: u64) -> Option<u32> {
        let mut slot = self.first_slot(hash)?;
        loop {
            let number = self.slots[slot].checked_sub(1)?;
            if self.hashes[number as usize] == hash && self.text(number) == text {
                return Some(number);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn first_slot(&self, hash: u64) -> Option<usize> {
        // The lowest bits, as many as there are slots for.
        #[expect(clippy::cast_possible_truncation, reason = "higher bits are not asked for")]
        self.slots.len().checked_sub(1).map(|mask| hash as usize & mask)
    }

    fn add(&mut self, text: &str, hash: u64) -> Result<u32> {
        let number = u32::try_from(self.ends.len())
            .ok()
            .filter(|number| *number < u32::MAX)
            .ok_or_else(|| DataFusionError::ResourcesExhausted("more different texts than can be numbered".to_owned()))?;
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.hashes.push(hash);
        if self.ends.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.slots.len() * 2).max(64)];
            for number in 0..number {
                self.take_slot(number);
            }
        }
        self.take_slot(number);
        Ok(number)
    }

    fn take_slot(&mut self, number: u32) {
        let Some(mut slot) = self.first_slot(self.hashes[number as usize]) else { return };
        while self.slots[slot] != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = number + 1;
    }
}

/// What was computed of the texts of a dictionary, which many batches of rows share.
#[derive(Debug)]
struct Remembered<T>(Mutex<Vec<(ArrayRef, Arc<T>)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Remembered<T> {
    fn of(&self, texts: &ArrayRef, compute: impl FnOnce(&StringArray) -> Result<T>) -> Result<Arc<T>> {
        let strings = texts.as_string::<i32>();
        let is_same = |other: &ArrayRef| {
            let other = other.as_string::<i32>();
            // Held here, so that no other array can have got its place.
            other.len() == strings.len()
                && std::ptr::eq(other.value_offsets().as_ptr(), strings.value_offsets().as_ptr())
                && std::ptr::eq(other.value_data().as_ptr(), strings.value_data().as_ptr())
        };
        let found = |known: &[(ArrayRef, Arc<T>)]| known.iter().find(|(other, _)| is_same(other)).map(|(_, found)| Arc::clone(found));
        if let Some(found) = found(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let computed = Arc::new(compute(strings)?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == REMEMBERED {
            known.remove(0);
        }
        known.push((Arc::clone(texts), Arc::clone(&computed)));
        Ok(computed)
    }
}

/// `$NUMBER(dictionary)` and `$TEXT(number)`.
#[derive(Debug)]
pub(super) struct NameFunction {
    names: Arc<Names>,
    to_text: bool,
    signature: Signature,
}

impl NameFunction {
    pub(super) fn number(names: &Arc<Names>) -> Self {
        Self { names: Arc::clone(names), to_text: false, signature: Signature::any(1, Volatility::Immutable) }
    }

    pub(super) fn text(names: &Arc<Names>) -> Self {
        Self { names: Arc::clone(names), to_text: true, signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl PartialEq for NameFunction {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.names, &other.names) && self.to_text == other.to_text
    }
}

impl Eq for NameFunction {}

impl Hash for NameFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.names), self.to_text).hash(state);
    }
}

impl ScalarUDFImpl for NameFunction {
    fn name(&self) -> &'static str {
        if self.to_text { "$text" } else { "$number" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.to_text { DataType::Utf8 } else { DataType::UInt32 })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [given] = args.args.as_slice() else { return Err(unexpected()) };
        let given = given.to_array(args.number_rows)?;
        if self.to_text {
            let numbers = given.as_primitive_opt::<UInt32Type>().ok_or_else(unexpected)?;
            return Ok(ColumnarValue::Array(Arc::new(self.names.texts(numbers))));
        }
        let dictionary = given.as_dictionary_opt::<Int32Type>().ok_or_else(unexpected)?;
        let numbers = self.names.numbers.of(dictionary.values(), |texts| self.names.numbers(texts))?;
        Ok(ColumnarValue::Array(take(numbers.as_ref(), dictionary.keys(), None)?))
    }
}

/// A condition on one text, evaluated once for each text of a dictionary. It is NULL for NULL, and fails for none.
#[derive(Debug)]
pub(super) struct TextCondition {
    /// On the only column of a batch.
    condition: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    /// What the condition is, by which equal ones are known.
    told: String,
    answers: Remembered<BooleanArray>,
    signature: Signature,
}

impl TextCondition {
    /// The one column that a condition sees.
    pub(super) fn schema(column: &str) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new(column, DataType::Utf8, true)]))
    }

    pub(super) fn new(condition: Arc<dyn PhysicalExpr>, schema: SchemaRef) -> Self {
        let told = condition.to_string();
        Self { condition, schema, told, answers: Remembered::default(), signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl PartialEq for TextCondition {
    fn eq(&self, other: &Self) -> bool {
        self.told == other.told
    }
}

impl Eq for TextCondition {}

impl Hash for TextCondition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.told.hash(state);
    }
}

impl ScalarUDFImpl for TextCondition {
    fn name(&self) -> &'static str {
        "$text_condition"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [given] = args.args.as_slice() else { return Err(unexpected()) };
        let given = given.to_array(args.number_rows)?;
        let dictionary = given.as_dictionary_opt::<Int32Type>().ok_or_else(unexpected)?;
        let answers = self.answers.of(dictionary.values(), |texts| {
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), vec![Arc::new(texts.clone())])?;
            let answers = self.condition.evaluate(&batch)?.into_array(batch.num_rows())?;
            Ok(answers.as_boolean_opt().ok_or_else(unexpected)?.clone())
        })?;
        Ok(ColumnarValue::Array(take(answers.as_ref(), dictionary.keys(), None)?))
    }
}

fn unexpected() -> DataFusionError {
    DataFusionError::Internal("a column of texts was not read as it was planned".to_owned())
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::{GreedyMemoryPool, UnboundedMemoryPool};

    use super::*;

    #[test]
    fn a_text_has_one_number_and_a_number_one_text() {
        let memory: Arc<dyn MemoryPool> = Arc::new(UnboundedMemoryPool::default());
        let names = Names::new(&memory);
        let texts =
            |range: std::ops::Range<u32>| range.map(|n| (n % 7 != 3).then(|| format!("text {}", n % 5_000))).collect::<StringArray>();
        let (first, second) = (texts(0..4_000), texts(2_000..12_000));
        let numbers = names.numbers(&first).unwrap();
        let others = names.numbers(&second).unwrap();
        assert_eq!((names.texts(&numbers), names.texts(&others)), (first.clone(), second));
        assert_eq!(names.numbers(&first).unwrap(), numbers);
        assert!(memory.reserved() > 4_000 * BYTES_BESIDE);
        drop(names);
        assert_eq!(memory.reserved(), 0);
    }

    #[test]
    fn texts_keep_to_the_memory_limit() {
        let memory: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(1_000));
        let many: StringArray = (0..100).map(|n| Some(n.to_string())).collect();
        assert!(matches!(Names::new(&memory).numbers(&many), Err(DataFusionError::ResourcesExhausted(_))));
    }

    #[test]
    fn only_the_same_dictionary_is_remembered() {
        let remembered = Remembered::default();
        let array = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
        let first = array("a");
        let length = |texts: &ArrayRef| *remembered.of(texts, |texts| Ok(texts.value(0).len())).unwrap();
        assert_eq!((length(&first), length(&array("bcd")), length(&first)), (1, 3, 1));
        assert_eq!(remembered.0.lock().unwrap().len(), 2);
    }
}
