//! Fields of the index schema.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

/// Fields of an indexed ticket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    /// Subject (several times), description and resolution.
    pub(crate) text: Field,
    pub(crate) subject: Field,
    /// Adjacent words.
    pub(crate) subject_pairs: Field,
    pub(crate) text_pairs: Field,
    pub(crate) resolved_ms: Field,
    /// Lower case, as are tags.
    pub(crate) category: Field,
    pub(crate) tag: Field,
    pub(crate) solved: Field,
}

/// Builds the schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let frequencies = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(frequencies);
    let fields = Fields {
        id: builder.add_text_field("id", STRING | STORED),
        text: builder.add_text_field("text", text.clone()),
        subject: builder.add_text_field("subject", text.clone()),
        subject_pairs: builder.add_text_field("subject_pairs", text.clone()),
        text_pairs: builder.add_text_field("text_pairs", text),
        resolved_ms: builder.add_i64_field("resolved_ms", INDEXED | FAST),
        category: builder.add_text_field("category", STRING),
        tag: builder.add_text_field("tag", STRING),
        solved: builder.add_bool_field("solved", FAST),
    };
    (builder.build(), fields)
}
