"""Programs that measure the product beside a floor on the same machine; see docs/performance.md."""
