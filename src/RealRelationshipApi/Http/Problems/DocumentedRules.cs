using System.Collections;

using FluentValidation;
using FluentValidation.Validators;

namespace RealRelationshipApi.Http.Problems;

/// <summary>A validation rule that describes itself for the OpenAPI document; members that are null have no constraint.</summary>
internal interface IDocumentedRule : IPropertyValidator
{
    /// <summary>Minimum number of items, members or characters.</summary>
    int? MinCount => null;

    /// <summary>Maximum number of items, members or characters.</summary>
    int? MaxCount => null;

    /// <summary>The allowed numbers.</summary>
    IReadOnlyList<long>? AllowedNumbers => null;

    /// <summary>Whether items are unique.</summary>
    bool IsDistinct => false;
}

/// <summary>Rules that FluentValidation lacks. Null is valid.</summary>
internal static class DocumentedRules
{
    /// <summary>A list or an object of at most <paramref name="max"/> items.</summary>
    public static IRuleBuilderOptions<T, TProperty> MaxCount<T, TProperty>(this IRuleBuilder<T, TProperty> rule, int max, string itemName)
        where TProperty : IEnumerable? =>
        rule.CountBetween(null, max).WithErrorCode("tooMany").WithMessage($"may hold {max} {itemName} at the most");

    /// <summary>Optional, but not empty if present.</summary>
    public static IRuleBuilderOptions<T, TProperty> NotEmptyIfGiven<T, TProperty>(this IRuleBuilder<T, TProperty> rule) where TProperty : IEnumerable? =>
        rule.CountBetween(1, null).WithErrorCode("empty").WithMessage("must not be empty; leave it out when there is nothing to say");

    public static IRuleBuilderOptions<T, TProperty> CountBetween<T, TProperty>(this IRuleBuilder<T, TProperty> rule, int? min, int? max)
        where TProperty : IEnumerable? =>
        rule.SetValidator(new CountRule<T, TProperty>(min, max));

    public static IRuleBuilderOptions<T, long?> OneOf<T>(this IRuleBuilder<T, long?> rule, params IReadOnlyList<long> numbers) =>
        rule.SetValidator(new OneOfRule<T>(numbers)).WithErrorCode("notAllowed");

    /// <summary>A list of unique items.</summary>
    public static IRuleBuilderOptions<T, IReadOnlyList<TItem>?> Distinct<T, TItem>(this IRuleBuilder<T, IReadOnlyList<TItem>?> rule, string code,
        string message) =>
        rule.SetValidator(new DistinctRule<T, TItem>()).WithErrorCode(code).WithMessage(message);

    private sealed class DistinctRule<T, TItem> : PropertyValidator<T, IReadOnlyList<TItem>?>, IDocumentedRule
    {
        public override string Name => nameof(DistinctRule<,>);

        public bool IsDistinct => true;

        public override bool IsValid(ValidationContext<T> context, IReadOnlyList<TItem>? value) => value is null || value.Distinct().Count() == value.Count;
    }

    private sealed class CountRule<T, TProperty>(int? min, int? max) : PropertyValidator<T, TProperty>, IDocumentedRule where TProperty : IEnumerable?
    {
        public override string Name => nameof(CountRule<,>);

        public int? MinCount => min;

        public int? MaxCount => max;

        public override bool IsValid(ValidationContext<T> context, TProperty value) =>
            value is null || value.Cast<object?>().Count() is var count && !(count < min) && !(count > max);
    }

    private sealed class OneOfRule<T>(IReadOnlyList<long> numbers) : PropertyValidator<T, long?>, IDocumentedRule
    {
        public override string Name => nameof(OneOfRule<>);

        public IReadOnlyList<long> AllowedNumbers => numbers;

        public override bool IsValid(ValidationContext<T> context, long? value) => value is not { } number || numbers.Contains(number);
    }
}
