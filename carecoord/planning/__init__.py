"""Pure planning: plan to demands, a day to a solver problem, a solution to stops."""
