//! Enums with a row of data for each variant.

/// Declares an enum with a row of data for each variant, and the list `ALL`. A list written by hand could miss a
/// variant; here the compiler keeps the two in step.
///
/// `enum Name: Facts { Variant = facts, … }` gives `Name::ALL` and the private `row(self) -> Facts`; without `: Facts`
/// and `= facts` it gives `ALL` alone.
macro_rules! listed {
    ($(#[$about:meta])* $vis:vis enum $name:ident: $facts:ty { $($(#[$doc:meta])* $variant:ident = $row:expr,)* }) => {
        listed! { $(#[$about])* $vis enum $name { $($(#[$doc])* $variant,)* } }

        impl $name {
            const fn row(self) -> $facts {
                match self {
                    $(Self::$variant => $row,)*
                }
            }
        }
    };
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All variants, in numerical order.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),*];
        }
    };
}

pub(crate) use listed;
