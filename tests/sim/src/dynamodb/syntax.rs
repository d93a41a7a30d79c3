//! The grammar of expressions: tokens into a tree. Placeholders are gone here, names and values stand in their place.

use super::error::DynamoError;
use super::path::{Path, Step};
use super::token::{Placeholders, Token, plain_name, tokens};
use super::value::Attr;

/// `=`, `<>`, `<`, `<=`, `>`, `>=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// What can be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// An attribute of the item.
    Path(Path),
    /// A value of the request.
    Value(Attr),
    /// `size(path)`
    Size(Path),
}

/// A condition, a filter or a key condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `a = b` and its kin.
    Compare(Operand, Comparator, Operand),
    /// `a BETWEEN b AND c`, both ends included.
    Between(Operand, Operand, Operand),
    /// `a IN (b, c)`
    In(Operand, Vec<Operand>),
    /// `attribute_exists(path)`
    Exists(Path),
    /// `attribute_type(path, :type)`
    Type(Path, String),
    /// `begins_with(a, b)`
    BeginsWith(Operand, Operand),
    /// `contains(a, b)`
    Contains(Operand, Operand),
    /// `a AND b`
    And(Box<Condition>, Box<Condition>),
    /// `a OR b`
    Or(Box<Condition>, Box<Condition>),
    /// `NOT a`, and `attribute_not_exists`
    Not(Box<Condition>),
}

/// A reader of one expression.
pub struct Parser {
    kind: &'static str,
    tokens: Vec<Token>,
    at: usize,
}

/// Reads a whole condition; `kind` is the field's name in the request.
pub fn condition(kind: &'static str, text: &str, known: &Placeholders) -> Result<Condition, DynamoError> {
    let mut parser = Parser::new(kind, text, known)?;
    let (tree, _) = parser.or()?;
    parser.end()?;
    Ok(tree)
}

impl Parser {
    /// Begins with the first token of `text`.
    pub fn new(kind: &'static str, text: &str, known: &Placeholders) -> Result<Self, DynamoError> {
        Ok(Self { kind, tokens: tokens(kind, text, known)?, at: 0 })
    }

    /// The error that names what stands here instead of what should.
    pub fn unexpected(&self) -> DynamoError {
        let token = match self.tokens.get(self.at) {
            None => "<EOF>".to_owned(),
            Some(Token::Word(w) | Token::Name(w)) => w.clone(),
            Some(Token::Value(v)) => v.to_json().to_string(),
            Some(Token::Index(n)) => n.to_string(),
            Some(Token::Mark(m)) => (*m).to_owned(),
        };
        self.refuse(format!("Syntax error; token: \"{token}\""))
    }

    /// A refusal of this expression.
    pub fn refuse(&self, why: impl std::fmt::Display) -> DynamoError {
        DynamoError::validation(format!("Invalid {}: {why}", self.kind))
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), DynamoError> {
        if self.at == self.tokens.len() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Whether everything has been read.
    pub fn at_end(&self) -> bool {
        self.at == self.tokens.len()
    }

    /// Takes the mark if it stands here.
    pub fn mark(&mut self, mark: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Mark(m)) if *m == mark);
        self.at += usize::from(here);
        here
    }

    /// Takes the mark or refuses.
    pub fn expect(&mut self, mark: &str) -> Result<(), DynamoError> {
        if self.mark(mark) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Takes the keyword, in any case, if it stands here.
    pub fn keyword(&mut self, word: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(here);
        here
    }

    /// Takes a function's name and its opening parenthesis if both stand here. Functions' names are case-sensitive.
    pub fn function(&mut self, name: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w == name)
            && matches!(self.tokens.get(self.at + 1), Some(Token::Mark("(")));
        self.at += if here { 2 } else { 0 };
        here
    }

    /// Takes a value if one stands here.
    pub fn value(&mut self) -> Option<Attr> {
        let Some(Token::Value(value)) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(value.clone())
    }

    /// Reads `a.b[3].#c`.
    pub fn path(&mut self) -> Result<Path, DynamoError> {
        let mut steps = vec![Step::Name(self.name()?)];
        loop {
            if self.mark(".") {
                steps.push(Step::Name(self.name()?));
            } else if self.mark("[") {
                let Some(Token::Index(n)) = self.tokens.get(self.at) else { return Err(self.unexpected()) };
                steps.push(Step::Index(*n));
                self.at += 1;
                self.expect("]")?;
            } else {
                return Ok(Path(steps));
            }
        }
    }

    fn name(&mut self) -> Result<String, DynamoError> {
        let name = match self.tokens.get(self.at) {
            Some(Token::Name(name)) => name.clone(),
            Some(Token::Word(word)) => plain_name(self.kind, word)?,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(name)
    }

    /// The second part of what these return says whether the expression was nothing but a pair of parentheses.
    fn or(&mut self) -> Result<(Condition, bool), DynamoError> {
        let (mut left, mut wrapped) = self.and()?;
        while self.keyword("OR") {
            left = Condition::Or(Box::new(left), Box::new(self.and()?.0));
            wrapped = false;
        }
        Ok((left, wrapped))
    }

    fn and(&mut self) -> Result<(Condition, bool), DynamoError> {
        let (mut left, mut wrapped) = self.not()?;
        while self.keyword("AND") {
            left = Condition::And(Box::new(left), Box::new(self.not()?.0));
            wrapped = false;
        }
        Ok((left, wrapped))
    }

    fn not(&mut self) -> Result<(Condition, bool), DynamoError> {
        if self.keyword("NOT") {
            return Ok((Condition::Not(Box::new(self.not()?.0)), false));
        }
        if self.mark("(") {
            let (inner, wrapped) = self.or()?;
            self.expect(")")?;
            if wrapped {
                return Err(self.refuse("The expression has redundant parentheses;"));
            }
            return Ok((inner, true));
        }
        Ok((self.primary()?, false))
    }

    fn primary(&mut self) -> Result<Condition, DynamoError> {
        let condition = if self.function("attribute_exists") {
            Condition::Exists(self.path()?)
        } else if self.function("attribute_not_exists") {
            Condition::Not(Box::new(Condition::Exists(self.path()?)))
        } else if self.function("attribute_type") {
            let path = self.path()?;
            self.expect(",")?;
            let Some(Attr::S(kind)) = self.value() else { return Err(self.unexpected()) };
            Condition::Type(path, kind)
        } else if self.function("begins_with") {
            let (left, right) = self.pair()?;
            if let Operand::Value(value) = &right
                && !matches!(value, Attr::S(_))
            {
                return Err(self.operand_type("begins_with", value));
            }
            Condition::BeginsWith(left, right)
        } else if self.function("contains") {
            let (left, right) = self.pair()?;
            Condition::Contains(left, right)
        } else {
            return self.comparison();
        };
        self.expect(")")?;
        Ok(condition)
    }

    fn operand_type(&self, operator: &str, value: &Attr) -> DynamoError {
        self.refuse(format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {}",
            value.kind()
        ))
    }

    fn pair(&mut self) -> Result<(Operand, Operand), DynamoError> {
        let left = self.operand()?;
        self.expect(",")?;
        Ok((left, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, DynamoError> {
        if self.function("size") {
            let path = self.path()?;
            self.expect(")")?;
            return Ok(Operand::Size(path));
        }
        match self.value() {
            Some(value) => Ok(Operand::Value(value)),
            None => self.path().map(Operand::Path),
        }
    }

    fn comparison(&mut self) -> Result<Condition, DynamoError> {
        let left = self.operand()?;
        if self.keyword("BETWEEN") {
            let low = self.ordered("BETWEEN")?;
            if !self.keyword("AND") {
                return Err(self.unexpected());
            }
            let high = self.ordered("BETWEEN")?;
            if let (Operand::Value(a), Operand::Value(b)) = (&low, &high)
                && a.order(b).is_none_or(|order| order.is_gt())
            {
                return Err(self
                    .refuse("The BETWEEN operator requires upper bound to be greater than or equal to lower bound;"));
            }
            return Ok(Condition::Between(left, low, high));
        }
        if self.keyword("IN") {
            self.expect("(")?;
            let mut among = vec![self.operand()?];
            while self.mark(",") {
                among.push(self.operand()?);
            }
            self.expect(")")?;
            return Ok(Condition::In(left, among));
        }
        for (mark, comparator) in [
            ("=", Comparator::Eq),
            ("<>", Comparator::Ne),
            ("<=", Comparator::Le),
            ("<", Comparator::Lt),
            (">=", Comparator::Ge),
            (">", Comparator::Gt),
        ] {
            if self.mark(mark) {
                let equality = matches!(comparator, Comparator::Eq | Comparator::Ne);
                let right = if equality { self.operand()? } else { self.ordered(mark)? };
                return Ok(Condition::Compare(left, comparator, right));
            }
        }
        Err(self.unexpected())
    }

    /// An operand that has an order: DynamoDB refuses `< :true` before it looks at any item.
    fn ordered(&mut self, operator: &str) -> Result<Operand, DynamoError> {
        let operand = self.operand()?;
        match &operand {
            Operand::Value(value) if !matches!(value, Attr::S(_) | Attr::N(_)) => {
                Err(self.operand_type(operator, value))
            }
            _ => Ok(operand),
        }
    }
}
