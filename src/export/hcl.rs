//! Blocks and attributes of HCL, formatted as `terraform fmt` does.

/// What stands in a block.
pub(super) enum Item {
    /// `name = expression`, the expression as it is written.
    Attribute(String, String),
    /// `name "label" { … }`.
    Block(Block),
}

/// A block.
pub(super) struct Block {
    head: String,
    items: Vec<Item>,
}

impl Block {
    /// A block of a kind with labels.
    pub(super) fn new(kind: &str, labels: &[&str]) -> Self {
        let labels: String = labels.iter().map(|label| format!(" {}", text(label))).collect();
        Self { head: format!("{kind}{labels}"), items: Vec::new() }
    }

    /// With an attribute whose expression is written as it is.
    pub(super) fn with(mut self, name: &str, expression: impl ToString) -> Self {
        self.items.push(Item::Attribute(name.to_string(), expression.to_string()));
        self
    }

    /// With an attribute that is a text.
    pub(super) fn with_text(self, name: &str, value: &str) -> Self {
        self.with(name, text(value))
    }

    /// With an attribute if there is a value.
    pub(super) fn with_some<T: ToString>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a block inside.
    pub(super) fn with_block(mut self, block: Block) -> Self {
        self.items.push(Item::Block(block));
        self
    }

    /// The block as text.
    pub(super) fn text(&self) -> String {
        self.indented(0)
    }

    fn indented(&self, depth: usize) -> String {
        let indent = "  ".repeat(depth);
        let mut written = format!("{indent}{} {{\n", self.head);
        let mut index = 0;
        while index < self.items.len() {
            // The equals signs of attributes that follow each other stand below each other.
            let run: Vec<(&str, &str)> = self.items[index..]
                .iter()
                .map_while(|item| match item {
                    Item::Attribute(name, value) => Some((name.as_str(), value.as_str())),
                    Item::Block(_) => None,
                })
                .collect();
            let width = run.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, value) in &run {
                written += &format!("{indent}  {name:<width$} = {value}\n");
            }
            index += run.len();
            if let Some(Item::Block(block)) = self.items.get(index) {
                if index > 0 {
                    written.push('\n');
                }
                written += &block.indented(depth + 1);
                index += 1;
                if matches!(self.items.get(index), Some(Item::Attribute(..))) {
                    written.push('\n');
                }
            }
        }
        written + &format!("{indent}}}\n")
    }
}

/// A text in quotes; `${` and `%{` do not begin a template.
pub(super) fn text(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.replace("${", "$${").replace("%{", "%%{")
}
